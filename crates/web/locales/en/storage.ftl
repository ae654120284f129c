# Storage and retention
nav-storage = Storage
storage-title = Storage and retention
storage-kept = Archived files
storage-in-trash = Trash
storage-free = Free on the disk
storage-usable = Usable
storage-floor = { $size } stay free
storage-people = By person
storage-others = { $count } others
storage-nothing = No file has been archived yet.
storage-months = By month of recording
storage-month = Month
storage-earlier = Before

# Rules
storage-rules = Retention rules
storage-rules-lead = Without rules nothing goes by itself. A new rule is off: look at what it would take, then switch it on. It is applied every hour from then on, and what it takes goes to the trash first. What is under a legal hold, and what somebody has put back, rules leave alone.
storage-no-rules = There are no rules: nothing goes by itself.
storage-rule = Rule
storage-rule-title = Retention rule: dry run
storage-rule-age = Older than { $days } days
storage-rule-owner = owned by { $name }
storage-rule-is-on = On
storage-rule-is-off = Off
storage-would-take = Would go to the trash
storage-rule-sum = Would go to the trash now: { $count } recordings, { $size }.
storage-rule-takes-nothing = No recording fits this rule now.
storage-rule-days = Older than (days)
storage-rule-person = Owner (name or open_id; may be empty)
storage-rule-make = Make the rule (off for now)
storage-rule-on = Switch on for these { $count } recordings
storage-rule-off = Switch off
storage-rule-forget = Delete the rule
storage-trash-this = Move to trash

# Legal holds
storage-holds = Legal holds
storage-holds-lead = What is held is removed by no rule, by nobody's hand, not out of the trash, and not with a person. A recording may have several holds; a hold on a person is on all that they own, also on what comes later.
storage-no-holds = There are no legal holds.
storage-hold-on = On
storage-hold-person = All of a person's
storage-hold-placed = Placed
storage-hold-what = Recording (token or address) or person (name or open_id)
storage-hold-reason = Reason
storage-hold-place = Place the hold
storage-hold-lift = Lift
storage-hold-why = Why it is lifted (may be empty)
storage-hold-was-lifted = Lifted
storage-holds-lifted = Holds that were lifted

# Trash
storage-trash = Trash
storage-trash-lead = What is here goes for good after 30 days; until then it can be put back as it was.
storage-trash-size = { $count } recordings, { $size }.
storage-no-trash = The trash is empty.
storage-trashed = Moved here
storage-left = Left
storage-held = Legal hold
storage-by-rule = { $name } (by rule)
storage-restore = Put back
storage-restore-all = Put back all { $count } that it took
storage-moving = Moving

# Reading again, and quarantine
storage-scrub = Files read again
storage-read-again = Read again in 30 days / all files
storage-last-read = Last read again
storage-oldest-read = Longest not read
storage-faults = Damaged or missing, not yet back
storage-first-rows = Only some are listed here; there may be more.
storage-quarantine = Quarantine
storage-no-quarantine = The quarantine is empty.

# The player
player-trash = Move to trash…
player-trash-what = Nobody can see or find this recording any more then, and it is not fetched again. You can undo it at once, and an administrator can put it back as it was for 30 days; after that it goes for good.
player-trash-do = Move to trash

# What has just been done
said-trashed = It is in the trash; an administrator can put it back for 30 days.
library-undo = Undo
said-restored = It is back.
said-restoring = { $count } recordings are being put back; their files begin to move within a minute.
said-rule-made = The rule is made, and off. Look at what it would take first.
said-rule-on = The rule is on; it is applied every hour.
said-rule-more = It was not switched on: it would take { $count } recordings by now, more than you have seen. Look once more.
said-rule-off = The rule is off.
said-rule-forgotten = The rule is deleted.
said-hold-placed = The hold is placed.
said-hold-lifted = The hold is lifted.
said-unknown-person = Nothing was changed: there is no such person, or several have this name. Use the open_id.
said-unknown-subject = Nothing was changed: there is no such recording or person, or several people have this name. Use the token or the open_id.

# What cannot be moved
notice-held-title = This recording is under a legal hold
notice-held-what = It cannot be removed; nothing was changed.
notice-held-do = If you have questions, ask an administrator or auditor.
notice-at-work-title = This recording is being worked on
notice-at-work-what = It is being fetched or moved right now; nothing was changed.
notice-at-work-do = Try again later.
