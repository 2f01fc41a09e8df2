"""The Africa-Arabia ROC's colleague in the shared chat."""
