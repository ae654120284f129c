# Pages behind the sign-in

# Who (archive::model::Role)
role-member = Member
role-administrator = Administrator
role-auditor = Auditor

# Did what (archive::audit::Verb)
verb-signed-in = Signed in
verb-signed-out = Signed out
verb-viewed = Viewed
verb-played = Played
verb-searched = Searched
verb-exported = Exported
verb-changed = Changed
verb-deleted = Deleted

# Navigation
nav-label = Pages
nav-overview = Overview
nav-queue = Queue
nav-people = People
nav-coverage = Coverage
nav-health = Health
nav-audit = Audit
nav-settings = Settings
nav-sessions = Sessions
sign-out = Sign out

# What has just been done
said-paused = Paused; what has come is kept.
said-resumed = Resumed.
said-retried = { $count } recordings are tried again before all other work.
said-session-ended = This session was ended.

# Sessions
sessions-title = Sessions
sessions-lead = You are signed in with these browsers. It ends by itself after 12 idle hours, and after 7 days.
sessions-lead-everybody = Everybody who is signed in now. It ends by itself after 12 idle hours, and after 7 days.
sessions-browser = Browser
sessions-from = From
sessions-began = Signed in
sessions-seen = Last used
sessions-this = This one
sessions-end = End

# Overview
overview-title = Overview
overview-to-archive = To archive
overview-archived = Archived
overview-waiting = Waiting for Feishu
overview-blocked = Not authorised or denied
overview-failed = Failed or lost
overview-never = Gone at the source
overview-paused = All transfers are paused.
overview-empty = No recording has been found yet. Send everybody the authorisation page; there will be data here once somebody has authorised.
overview-pulse = How it runs
overview-never-yet = Never
overview-unknown = Unknown
overview-no-event = No event of Feishu has come yet. Check the event subscription in the developer console.
overview-no-patrol = No patrol has ended well yet. It takes a member who has authorised.
overview-patrol-stale = The next patrol should have ended long ago. Look at the queue and at the service's log.
overview-no-link = No node has reported a long connection.
overview-room-unknown = How much room the disk has left is not known. Check that the archive folder is mounted.
overview-room-none = The disk is full and transfers wait. Make room, or use a larger disk.
overview-room-no-forecast = { $free } usable. Less than a day of growth is known, so there is no forecast.
overview-room-days = { $free } usable; full in about { $days } days at the pace of the last 30.
overview-causes = What is not done, by cause
overview-causes-none = Nothing is missing.
overview-causes-unknown = There is no data yet, so nobody can tell.
overview-retry = Retry all
overview-endings = Authorisations that end soon
days-left = { $count } days

# Queue
queue-title = Queue
queue-all-paused = All transfers are paused, since:
queue-pause-all = Pause all transfers
queue-resume-all = Resume all transfers
queue-summary = { $count } under way · { $speed } · { $eta } to go
queue-nothing-moves = No recording is being fetched right now.
queue-transfer = { $bytes } / { $total } · { $speed } · { $eta } to go · { $connections } connections
queue-waiting = Recordings in the queue: { $all } ({ $shown } shown)
queue-empty = The queue is empty: no recording waits.
queue-paused = Paused
queue-running = At work
queue-due = About to begin
queue-retry = Retry now
queue-pause = Pause
queue-resume = Resume
duration-seconds = { $count } s
duration-minutes = { $count } min
duration-hours = { $count } h
duration-days = { $count } d

# People
people-title = People
people-lead = Those who have authorised archiving. Ask those who have not to open:
people-empty = Nobody has authorised yet. Send everybody the address of the authorisation page.
people-scopes = Permissions (granted / needed)
people-last-use = Last use
people-renewed = Renewed:
people-patrolled = Patrolled:
people-heard = Event:

# Coverage
coverage-title = Coverage
coverage-weeks = { $count } weeks
coverage-download = Download for Excel
coverage-empty = There is no data of anybody yet.
coverage-legend-whole = All archived
coverage-legend-known = All that is known is archived; there may be more
coverage-legend-waiting = Still waiting
coverage-legend-open = Something is missing
coverage-legend-none = Nothing recorded
coverage-legend-unknown = Unknown

# Health
health-title = Health
health-ok = Well
health-warn = Look
health-fail = Broken
health-all-well = All is well.
health-open = { $count } things want somebody's attention, the most pressing first.

# Audit log
audit-title = Audit log
audit-lead = Who did what, when and from where. It is only ever added to; minutes-vault audit verify proves that it was not changed.
audit-any = Any
audit-actor = Who (open_id)
audit-subject = What
audit-since = From
audit-until = To
audit-filter = Filter
audit-empty = No row fits.
audit-older = Older

# Settings
settings-title = Settings
settings-lead = The configuration that counts, with secrets masked. To change it, edit the file or the environment and restart the service.
