"""`enable` and `disable`: a host comes into the group of a service, or leaves it."""

from aaroc_bot.core.changes import DisableService, EnableService, NotOpened, WhyNot
from aaroc_bot.repo.drafting.placing import Ground, group_of, umbrella
from aaroc_bot.repo.drafting.written import NotDrafted, Written, not_opened
from aaroc_bot.repo.editing import CannotEdit, disable_host, enable_host


def enable(wish: EnableService, ground: Ground) -> Written:
    """Put the host in the service's group. Raises `NotDrafted`; not for the loop."""
    group = group_of(ground, wish.service)
    if wish.host in ground.site.services.get(group, ()):
        raise NotDrafted(NotOpened(WhyNot.NOTHING, wish.host, ground.inventory))
    path, content = ground.inventory, ground.contents[ground.inventory]
    try:
        edit = enable_host(path, content, group, wish.host, umbrella(ground))
    except CannotEdit as reason:
        raise NotDrafted(not_opened(reason, path)) from None
    return Written({path: edit.content})


def disable(wish: DisableService, ground: Ground) -> Written:
    """Take one host, or all, out of the service's group. Raises `NotDrafted`; not for the loop."""
    group = group_of(ground, wish.service)
    hosts = ground.site.services.get(group, ())
    host = wish.host if wish.host is None else host_meant(wish.host, hosts)
    path, content = ground.inventory, ground.contents[ground.inventory]
    if not hosts or (host is not None and host not in hosts):
        raise NotDrafted(NotOpened(WhyNot.NOT_THERE, host or wish.service, path))
    try:
        edit = disable_host(path, content, group, host)
    except CannotEdit as reason:
        raise NotDrafted(not_opened(reason, path)) from None
    return Written({path: edit.content})


def host_meant(typed: str, hosts: tuple[str, ...]) -> str:
    """Give the host that is meant: a name without its domain is enough where one fits.

    >>> host_meant("bdii1", ("bdii1.uj.example", "bdii10.uj.example"))
    'bdii1.uj.example'
    """
    fitting = [host for host in hosts if host.partition(".")[0] == typed]
    return fitting[0] if typed not in hosts and len(fitting) == 1 else typed
