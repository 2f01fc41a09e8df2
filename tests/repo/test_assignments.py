"""What the text of a variable file says, however strange it is."""

import pytest

from aaroc_bot.repo.assignments import of_inventory, of_variables
from tests.repo.conftest import Make, Upstream

PATH = "Ansible/group_vars/za-uj.yml"


@pytest.mark.parametrize("opens", ["[", "{a: ", "- "])
@pytest.mark.parametrize("times", [101, 100_000])
def test_what_is_nested_deeply_is_refused_before_it_ends_the_process(
    opens: str, times: int
) -> None:
    content = f"x: 1\ny: {opens * times}".encode()
    if opens == "- ":
        content = b"".join(b" " * n + b"-\n" for n in range(min(times, 2_000)))
    for read in (of_variables, of_inventory):
        problem = read(f"{PATH}", content).problem
        assert problem is not None and "nested too deeply" in problem.what


@pytest.mark.parametrize("content", [b"---\n", b"---\n# nothing here\n", b"", b"# only this"])
def test_a_file_without_anything_in_it_says_nothing(content: bytes) -> None:
    assert of_variables(PATH, content).problem is None
    assert not of_variables(PATH, content).assignments


async def test_what_is_secret_is_known_before_it_can_be_shown(
    make: Make, upstream: Upstream
) -> None:
    repository = await make()
    learnt: list[tuple[bool, str]] = []

    async def learn(secrets: frozenset[str]) -> None:
        learnt.append(("brand-new-secret-9" in secrets, (await repository.newest()).subject))

    repository.learn = learn
    upstream.commit({PATH: 'site_name: ZA-UJ\nmysql_pass: "brand-new-secret-9"\n'}, "a new one")
    await repository.refresh()
    assert learnt == [(True, "first")]
    assert (await repository.newest()).subject == "a new one"
