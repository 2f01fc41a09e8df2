"""The manifest from which an operator makes the Slack app (docs/slack.md)."""

import json

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "reactions:write",
    "users:read",
)
"""What the bot's token must be allowed; docs/slack.md says why for each."""

EVENTS = ("app_mention", "message.channels", "message.groups", "message.im")
"""What Slack tells the bot of."""

COMMAND = "/aaroc"


def manifest() -> str:
    """Write the manifest as JSON, as Slack's "From a manifest" takes it, for Socket Mode."""
    return json.dumps(
        {
            "display_information": {
                "name": "aaroc",
                "description": "Plans, approvals and Ansible runs of the Africa-Arabia ROC",
            },
            "features": {
                "app_home": {
                    "home_tab_enabled": False,
                    "messages_tab_enabled": True,
                    "messages_tab_read_only_enabled": False,  # else nobody can write to the bot
                },
                "bot_user": {"display_name": "aaroc", "always_online": True},
                "slash_commands": [
                    {
                        "command": COMMAND,
                        "description": "Give the ROC's bot a command",
                        "usage_hint": "status | deploy site-bdii at ZA-UJ | help",
                        "should_escape": False,
                    }
                ],
            },
            "oauth_config": {"scopes": {"bot": list(SCOPES)}},
            "settings": {
                "event_subscriptions": {"bot_events": list(EVENTS)},
                "interactivity": {"is_enabled": True},
                "org_deploy_enabled": False,
                "socket_mode_enabled": True,
                "token_rotation_enabled": False,
            },
        },
        indent=2,
    )
