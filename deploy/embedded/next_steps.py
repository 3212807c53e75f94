"""The message shown once the stack is up: URLs, keys and commands to try."""

import shlex

from embedded.stack import Stack


def next_steps(stack: Stack) -> str:
    place, hub = stack.place, stack.hubs[0]
    keys = stack.keys[hub]
    listed = shlex.join(["curl", "-H", f"Authorization: Bearer {keys['intake']}", f"{place.url('referral')}/v1/referrals?limit=5"])
    waiting = shlex.join(["curl", "-H", f"Authorization: Bearer {keys['coordinator']}", f"{place.url('scheduling')}/v1/waiting"])
    sent = shlex.join(["curl", "-H", f"Authorization: Bearer {keys['coordinator']}", f"{place.url('notifications')}/v1/messages?limit=5"])
    intake = "\n".join(f"  {name:<12} intake key {by_role['intake']}" for name, by_role in stack.keys.items())
    return f"""
The stack is up. Ctrl-C stops it; its data stays in {place.folder}.

  referral       {place.url("referral")}       its API: {place.url("referral")}/docs/
  scheduling     {place.url("scheduling")}       its API: {place.url("scheduling")}/docs/
  notifications  {place.url("notifications")}       its API: {place.url("notifications")}/docs/
  mails          {place.maildir}/new (open them with any mail reader: mutt -f {place.maildir})

{intake}
  The keys of all roles: {place.folder}/stack.json
  An operator's commands: make operate ARGS="scheduling parked list"

Three things to try:
  {listed}
  {waiting}
  {sent}
"""
