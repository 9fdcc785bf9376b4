"""Practice vendors on loopback: Jira, Slack, PagerDuty, StackStorm, Opsgenie and a webhook receiver, without an account.

The package plays the other side of the wire. It knows nothing of the product and the product knows nothing
of it but an address: what it accepts and answers comes from the vendors' own specifications. Everything it
holds is practice data, and faults can be switched on to see how a client behaves when a vendor does not.

`server.SandboxServer` runs it inside a process, `server.serve` runs it alone; docs/sandbox.md has the rest.
"""
