"""Who is on duty: the rota, who is away, and who stands in.

``on_duty`` chooses who leads what is new, ``absences`` has the verbs of being away, ``queries``
what people see of it. The arithmetic is ``bot/rules/duty/``; the rota itself is in the policy.
"""
