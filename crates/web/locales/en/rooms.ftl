# Pages behind the sign-in

# Who (archive::model::Role)
role-member = Member
role-administrator = Administrator
role-auditor = Auditor

# Did what (archive::audit::Verb)
verb-signed-in = Signed in
verb-signed-out = Signed out
verb-viewed = Viewed
verb-played = Fetched audio or video
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
nav-sessions = My account
sign-out = Sign out

# What has just been done
said-paused = Paused; what has come is kept.
said-resumed = Resumed.
said-none-ticked = Nothing was changed: nothing was ticked.
said-zip-empty = There is nothing to download: tick recordings that have files and that you may open.
said-retried = { $count } recordings are tried again before all other work.
said-session-ended = This session was ended.

# Sessions
sessions-title = My account
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
overview-room-no-growth = { $free } usable. No file was archived in the last 30 days, so there is no forecast.
overview-room-no-forecast = { $free } usable. Less than a day of growth is known, so there is no forecast.
overview-room-days = { $free } usable; full in about { $days } days at the pace of the last 30.
overview-causes = What is not done, by cause
overview-causes-none = Nothing is missing.
overview-causes-unknown = There is no data yet, so nobody can tell.
overview-retry = Retry all
overview-endings = Authorisations that end soon
overview-more-endings = { $count ->
    [one] and one more
   *[other] and { $count } more
}
days-left = { $count } days

# Queue
queue-title = Queue
queue-all-paused = All transfers are paused, since:
live-stale = No connection to the service: what stands here may have changed. It is tried again by itself; otherwise reload the page.
queue-pause-all = Pause all transfers
queue-resume-all = Resume all transfers
queue-summary = { $count } under way · { $speed } · { $eta } to go
queue-nothing-moves = No recording is being fetched right now.
queue-transfer = { $bytes } / { $total } · { $speed } · { $eta } to go · { $connections } connections
queue-waiting = Recordings in the queue
queue-empty = The queue is empty: no recording waits.
queue-none-of-it = There is no recording here.
queue-not-planned = Nothing planned
queue-of = Show
queue-list = List
queue-paused = Paused
queue-running = At work
queue-due = About to begin
queue-retry = Retry now
queue-pause = Pause
history-tries = What was tried
history-no-tries = Nothing was tried yet.
queue-resume = Resume
duration-seconds = { $count } s
duration-minutes = { $count } min
duration-hours = { $count } h
duration-days = { $count } d

# long tables of people
listing-name = Name or open_id
listing-find = Find
listing-found = People:
listing-before = Back
listing-behind = Next
listing-empty = There is nobody of that name.

# People
people-title = People
people-lead = Those who have authorised archiving, and those whose recordings are missing because they have not. Ask those who have not to open this address:
people-empty = Nobody has authorised yet. Send everybody the address of the authorisation page.
people-scopes = Permissions (granted / needed)
people-last-use = Last use
people-renewed = Renewed:
people-patrolled = Patrolled:
people-heard = Event:
people-never = Not authorised
people-never-why = { $count ->
    [one] One recording of theirs is not here because of that.
   *[other] { $count } recordings of theirs are not here because of that.
}
people-invited = Invited { $moment }
people-not-invited = The invitation has not arrived: { $reason }
people-being-invited = The invitation is on its way
people-ticked = Ticked people:
people-show-asked = Only those to be invited or reminded
people-show-ending = Only those whose authorisation ends soon
people-show-all = Show everybody

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
health-awaited = The checks are running. The platform has not answered yet; what they find appears here by itself.
health-open = { $count } things want somebody's attention, the most pressing first.

# Audit log
audit-title = Audit log
audit-lead = Who did what, when and from where. It is only ever added to; minutes-vault audit verify proves that it was not changed.
audit-any = Any
audit-actor = Who (name or open_id)
audit-subject = What
audit-since = From
audit-until = To
audit-filter = Filter
audit-empty = No row fits.
audit-older = Older
audit-csv = Export as CSV
deed-in-queue = its history in the queue
deed-paused = paused
deed-resumed = resumed
deed-retried = retried
deed-retried-cause = retried: { $one }
deed-invited = asked to authorise
deed-invited-owners = asked all owners who have not authorised
deed-reminded-lapsed = reminded all who must authorise again
deed-trashed = put in the trash
deed-trashed-by-rule = put in the trash by rule { $one }
deed-restored = taken out of the trash
deed-restored-rule = taken out of the trash all that rule { $one } put there
deed-purged = removed for good from the trash
deed-member-removed = member removed
deed-member-removed-files = member removed, with their files
deed-member-purged = member removed, with all that is known of them
deed-authorised = authorised the archive
deed-adopted = adopted the archive's folder
deed-mended = had damaged and missing files fetched again
deed-imported = imported what the old script left
deed-removed-for-good = removed for good
deed-restored-backup = restored from a backup
deed-first-administrator = became the first administrator
deed-hold-placed = placed a hold: { $one }
deed-hold-lifted = lifted hold { $one }: { $two }
deed-rule-made = made a rule: older than { $one } days; owner: { $two ->
    [any] anybody
   *[other] { $two }
}; kind: { $three ->
    [any] any
   *[other] { $three }
}
deed-rule-on = switched rule { $one } on, having seen that it takes { $two }
deed-rule-off = switched rule { $one } off
deed-rule = rule { $one }
deed-rows = { $one } rows
deed-weeks = { $one } weeks, xlsx
audit-jsonl = Export as JSONL

# Settings
settings-title = Settings
settings-lead = The configuration that counts, with secrets masked. To change it, edit the file or the environment and restart the service.

# API tokens
nav-tokens = API tokens
tokens-title = API tokens
tokens-lead = For programs of your own that read the archive at /api/v1. A token is never good for more than you may see; keep it like a password. What there is:
tokens-made = This is the token. It is shown this once: copy it now.
tokens-made-label = New token
tokens-label = What for
tokens-scopes = Good for
tokens-days = Days
tokens-make = Make a token
tokens-empty = There is no token yet.
tokens-of = Whose
tokens-made-at = Made
tokens-used = Last used
tokens-ends = Ends
said-token-ended = This token was ended.
feed-title = My recordings (RSS)
feed-description = The newest recordings that you own or attended.
feed-lead = Give your feed reader this address, any user name, and as password a token that is good for lists:

# What a token is good for (archive::members::ApiScope)
api-scope-recordings = Lists: titles, owners, times, sizes, states
api-scope-content = Content: media, transcripts, notes, search
api-scope-service = Service: overview, people, audit log (administrators and auditors)

# Invitations
people-needs-address = server.public_url is not set: cards of the bot could not say where to authorise, so nobody can be invited.
people-invite-owners = Invite all owners who have not authorised
people-remind-lapsed = Remind all who must authorise again
people-remind = Invite or remind
said-invited = { $count } people are sent a card; whoever has an open one gets no second.

# Settings
settings-roles = Roles
settings-roles-lead = The configuration file names administrators and auditors (company.administrators, company.auditors); everybody else is a member.
settings-role = Role
settings-messages = Messages
settings-no-messages = The bot has sent no message yet.
settings-message = Message
settings-message-to = To
settings-message-at = When
message-waiting = To be sent
message-open = Sent
message-over = Done
message-dropped = Not needed any more
message-failed = Not sent
settings-template = File names
settings-template-lead = Change the template to see where the newest recordings would lie; to have it count, write it into the configuration file and restart. What is archived stays where it is.
template-owner = Zhang Wei
template-title = Weekly
settings-backups = Backups
settings-backups-lead = A backup holds the catalogue and its key, not the recordings. Copy its folder elsewhere; the whole command that puts it back stands beside each.
settings-back-up = Back up now
settings-no-backups = There is no backup yet.
settings-backup-at = When
settings-backup-size = Size
settings-backup-path = Where
settings-restore = To restore:
settings-configuration = Configuration
said-backed-up = Backed up.
said-not-backed-up = No backup was made: the service's log says why. With PostgreSQL use pg_dump.

sessions-zone = My time zone
sessions-zone-set = Set

# The first run: each step is found out by the archive itself
first-run-title = First run
first-run-lead = From top to bottom, please. Each step turns green by itself once it is done; there is nothing to reload.
first-run-complete = First run (all of it done)
step-done = Done
step-open = To do
step-again = Show it
step-unknown = Not known yet; one moment.
copy = Copy
copied = Copied
step-app = App ID and App Secret
step-scopes = Permissions
step-scopes-do = Developer console, "Permissions & Scopes", "Batch import": paste what is below; then create and publish a version, or they do not take effect. The first authorisation shows whether they are all there.
step-scopes-lacking = Somebody has authorised, but has not granted: { $scopes }. Open these for the app, publish a version, and have them authorise again.
step-scopes-done = { $count } people have granted everything that is needed.
step-scopes-import = For the batch import:
step-events = Event subscription
step-events-webhook-do = Developer console, "Events & Callbacks": have events sent to the developer's server, give the request URL below, and add the events below. Feishu checks the address when you save it; then this turns green.
step-events-webhook-done = Feishu has checked the request URL.
step-events-link-do = Developer console, "Events & Callbacks": receive events through a long connection, and add the events below. This turns green once the connection is open.
step-events-link-done = The long connection is open.
step-events-address = Request URL:
step-events-names = Events to add:
step-redirect = Redirect URL
step-redirect-done = Feishu accepts this address: you have signed in by it.
step-redirect-url = As it has to be under "Security settings" in the developer console, letter for letter:
step-storage = Storage
step-event = A first event
step-event-do = Hold a meeting, record some seconds of it, and end it. Any event of Feishu turns this green.
step-event-done = The last event came at { $moment }.
step-member = A first authorisation
step-member-do = Open the authorisation page yourself and press its button; then send its address to everybody.
step-member-done = { $count } people have authorised.
step-member-page = The authorisation page:
step-recording = A first recording
step-recording-do = Once somebody has authorised, their recordings are found and archived by themselves. There is nothing else to do.
step-recording-found = { $count } recordings have been found and are being archived.
step-recording-done = { $count } recordings are archived.

# Names of the checks
check-configuration = Configuration
check-data-dir = Data folder
check-archive-dir = Archive folder
check-disk = Room on disk
check-key = Key
check-credentials = Credentials
check-clock = Clock
check-callback = Redirect URL
check-events = Event subscription
check-scopes = Permissions
check-long-connection = Long connection
check-catalogue = Catalogue
check-bot = Messages
check-members = Members
check-patrol = Patrol
check-service = Service
health-run = Run again
health-running = Running…
health-report = A report for others
health-report-what = To be sent along when you ask for help. There are no names, ids, paths and addresses in it.

# My account
sessions-heading = Signed in with
grant-mine = My authorisation
grant-never = Not authorised
grant-never-what = Your own recordings are archived once you have authorised it.
grant-until = Good until { $moment }.
grant-authorise = Authorise or renew
agent-feishu = Feishu
agent-wechat = WeChat
settings-backups-elsewhere = The catalogue is on a PostgreSQL server: back it up with pg_dump, and copy the key file as well.
said-export-too-long = More than 100,000 rows: nothing was exported. Narrow the list down first.
