# Where a recording stands as a whole (archive::model::RecordingState)
state-found = found
state-archived = archived
state-waiting = waiting for the platform
state-denied = export denied
state-no-grant = waiting for an authorisation
state-gone = deleted at the source
state-lost = lost
state-no-media = no media file
state-failed = failing for now
state-trashed = in the trash
state-purged = removed on request

# The parts of a recording (archive::model::ArtifactKind)
artifact-media = audio or video
artifact-transcript-txt = transcript
artifact-transcript-srt = captions
artifact-summary = AI notes
artifact-cover = cover picture
artifact-sidecar = description file

# How far a part is (archive::model::ArtifactState)
artifact-state-pending = to be fetched
artifact-state-done = saved
artifact-state-waiting = waiting for the platform
artifact-state-denied = export denied
artifact-state-absent = the platform has none
artifact-state-failed = failing for now

# A member's authorisation (archive::members::Footing)
member-state-active = authorised
member-state-expiring = ending soon
member-state-blocked = blocked by the company's settings
member-state-must-authorise = must authorise again
member-state-departed = account unavailable

# How a recording became known (archive::model::Track)
track-recording-ready = event: recording ready
track-meeting-ended = event: meeting ended
track-minute-generated = event: minute generated
track-patrol = patrol
track-backfill = back-fill of history
track-attended = look for what people attended
track-company-record = the company's record of its meetings
track-import = history of the former program

# Whose move it is (archive::model::Mover)
mover-nobody = nothing to do; it goes on by itself
mover-employee = the employee's move
mover-administrator = the administrator's move

# Work in the queue (archive::queue::TaskKind)
task-meeting = ask a meeting for its recording
task-patrol = patrol
task-backfill = look through a member's history
task-attended = look for what a member attended
task-subscription = keep a member's event subscription
task-archive = archive a recording
task-reconcile = read the company's record of its meetings
task-notice = send a message

# The long connection to the platform (archive::model::LinkState, LinkTrouble)
link-connecting = being opened
link-connected = open
link-waiting = down; it is opened again by itself
link-refused = refused; see what to do
link-closed = closed, since the service has ended
link-trouble-credentials = Feishu does not accept App ID and App Secret for the long connection.
link-trouble-credentials-fix = Copy both again from "Credentials & Basic Info" in the developer console into feishu.app_id and feishu.app_secret, and restart the service.
link-trouble-forbidden = Feishu does not let this app receive events by long connection.
link-trouble-forbidden-fix = In the developer console, under "Events & Callbacks", choose to receive events by long connection (self-built apps only), and publish a version; or set events.mode to webhook.
link-trouble-too-many-connections = All 50 long connections that the app may have are taken.
link-trouble-too-many-connections-fix = End other programs that use this app's long connection; it is tried again every few minutes by itself.
link-trouble-address-refused = The address for the long connection leads to a private or unsafe place and was not visited.
link-trouble-address-refused-fix = Check DNS and proxy. If the company's proxy does resolve the platform's hosts like this, switch on feishu.allow_private_media.
link-trouble-unknown-code = Feishu refuses the long connection with a code that this version does not know.
link-trouble-unknown-code-fix = Look the code up in Feishu's documentation, or ask its support with the log id; it is tried again every few minutes by itself.

# What came of asking a meeting for its recording (archive::model::MeetingOutcome)
meeting-outcome-going-on = still going on
meeting-outcome-asking = still being asked
meeting-outcome-recorded = its recording is known
meeting-outcome-never-recorded = the platform knows no recording of it
meeting-outcome-never-ready = its recording never became ready
meeting-outcome-refused = the platform refuses to tell

# Whether the company's own record can be relied on (archive::catalog::RecordStanding)
record-available = available
record-available-fix = Nothing to do.
record-nobody-named = no administrator is named for it
record-nobody-named-fix = Name one in company.administrators (their open_id), restart, and have them open /auth/start?for=company-record.
record-not-authorised = no named administrator has authorised
record-not-authorised-fix = Have one of company.administrators open /auth/start?for=company-record.
record-scope-missing = the administrator did not grant vc:rooms.room.detailinfo:read
record-scope-missing-fix = Open that scope for the app in the developer console, publish a version, and have the administrator open /auth/start?for=company-record.
record-refused = the platform refuses it to the administrator
record-refused-fix = Give them the meeting-management right (Video conferencing) in the Feishu admin console.
record-trouble = the last look failed
record-trouble-fix = Nothing to do at first: it is repeated. If it lasts, the log says why.
record-stale = nobody has looked for over an hour
record-stale-fix = Is the service running? minutes-vault status

# What a member needs of the patrol (archive::discover::Need)
need-untold = members of whom no event is sure to tell
need-active = members who have met within the last hours
need-quiet = other members

# troubles of disk and catalogue
trouble-disk-full = The disk is full (or the quota used up): { $path } cannot be written. Free some room or add a disk.
trouble-no-room = The archive's disk has no room for { $wanted } more: { $free } are free, of which { $floor } stay free (archive.keep_free). Free some room or add a disk.
trouble-file-busy = { $path } is being written by another process. Try again later.
trouble-not-writable = There is no permission for { $path }. Give the folder to the user that runs the service.
trouble-read-only = The file system of { $path } is read-only, often after a disk error. Check the disk and mount it again.
trouble-archive-gone = The archive folder { $path } is not there. Check that its disk is mounted.
trouble-file-missing = { $path } does not exist.
trouble-file-outside = { $path } is not a plain path inside the archive (symbolic links are not followed); nothing was touched.
trouble-io = { $path } cannot be read or written: { $why }.
trouble-catalogue-busy = Another program holds the catalogue. Try again later.
trouble-catalogue-full = The disk that holds the catalogue is full. Free some room; work goes on by itself.
trouble-catalogue-unavailable = The catalogue ({ $what }) cannot be opened: { $why }. Check that it exists, is reachable and may be written.
trouble-catalogue-schema = The catalogue's schema could not be brought up to date: { $why }.
trouble-catalogue-other = The catalogue answered: { $why }.
trouble-template-empty = The template is empty; the default is {$what}
trouble-template-absolute = The template starts with "/"; it must be relative to archive.dir
trouble-template-empty-part = The template has an empty folder or file name; remove the extra "/"
trouble-template-dots = The template contains "{$what}" as a folder; paths may not leave archive.dir
trouble-template-unknown-field = There is no field {$what}; the fields are {$fields}
trouble-template-brace = The template has a brace without its partner; write fields as {$what}
trouble-template-character = The template contains {$what}, which is not allowed in file names everywhere
trouble-template-no-token = The last part of the template must contain {$what}, so that equal titles get different files
trouble-template-too-long = "{$what}" is too long: a file name has at most 255 bytes
