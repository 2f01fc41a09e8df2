"""Has ansible-runner run Ansible once. Started as a program, with an environment from nothing.

Arguments: ansible-runner's private folder, the working folder, then the command. The
output goes straight to this program's own; ansible-runner would keep it in memory.
"""

import errno
import sys
from pathlib import Path

import ansible_runner

DISK_FULL = 74
CANNOT_START = 71
"""Exit statuses that neither Ansible nor a signal gives."""


def main() -> int:
    """Give Ansible's exit status, 128 and more for a signal as a shell does."""
    folder, project, *command = sys.argv[1:]
    try:
        with Path("/dev/null").open() as nothing:
            _, _, status = ansible_runner.run_command(
                command[0],
                command[1:],
                input_fd=nothing,
                output_fd=sys.stdout,
                error_fd=sys.stdout,
                runner_mode="subprocess",
                private_data_dir=folder,
                host_cwd=project,
                suppress_env_files=True,
                quiet=True,
            )
    except OSError as problem:
        return DISK_FULL if problem.errno in {errno.ENOSPC, errno.EDQUOT} else CANNOT_START
    return int(status) if status >= 0 else 128 - int(status)


if __name__ == "__main__":
    sys.exit(main())
