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

# The parts of a recording (archive::model::ArtifactKind)
artifact-media = audio or video
artifact-transcript-txt = transcript
artifact-transcript-srt = captions
artifact-summary = AI notes
artifact-sidecar = description file

# How far a part is (archive::model::ArtifactState)
artifact-state-pending = to be fetched
artifact-state-done = saved
artifact-state-waiting = waiting for the platform
artifact-state-denied = export denied
artifact-state-absent = the platform has none
artifact-state-failed = failing for now

# A member's authorisation (archive::model::MemberState)
member-state-active = authorised
member-state-must-authorise = must authorise again
member-state-departed = account unavailable

# How a recording became known (archive::model::Track)
track-recording-ready = event: recording ready
track-meeting-ended = event: meeting ended
track-minute-generated = event: minute generated
track-patrol = patrol
track-import = history of the former program

# Whose move it is (archive::model::Mover)
mover-nobody = nothing to do; it goes on by itself
mover-employee = the employee's move
mover-administrator = the administrator's move

# Work in the queue (archive::queue::TaskKind)
task-meeting = ask a meeting for its recording
task-patrol = patrol
task-archive = archive a recording
