resident-home-title = Home
resident-home-lead = { $place }: services for residents
resident-back = Home
resident-optional = optional
resident-yes = Yes
resident-no = No
resident-problem = { $what }. { $help }
resident-too-often = { $n ->
    [one] Too many at once: send again in { $n } second. What you typed is kept.
   *[other] Too many at once: send again in { $n } seconds. What you typed is kept.
}

resident-door-report = Report something
resident-door-report-help = Take a photo, say what is wrong: one minute
resident-door-track = Follow a report
resident-door-track-help = With your tracking code
resident-door-points = My points
resident-door-points-help = For reports that are found true
resident-latest = My latest reports
resident-emergency = In an emergency call first:
resident-emergency-police = police
resident-emergency-fire = fire
resident-emergency-ambulance = ambulance

resident-status-reported = To be accepted
resident-status-accepted = In progress
resident-status-refused = Not accepted
resident-status-resolved = Done
resident-status-rated = Rated
resident-status-archived = Closed
resident-status-awaiting-information = Waiting for the reporter
resident-status-merged = Joined with another report
resident-status-transferred = Handed on
resident-status-withdrawn = Withdrawn
resident-status-lapsed = Ended without an answer
resident-status-answered = Answered

resident-report-title = Report something
resident-report-photos = Photos
resident-report-category = What is it about?
resident-report-more = More
resident-report-all = All categories
resident-report-text = What happened
resident-report-text-hint = What is wrong, where exactly, since when
resident-report-count = Characters written
resident-report-others = Write no names, phone numbers or identity numbers of other people.
resident-report-place = Where
resident-report-contact = Contact
resident-report-contact-hint = Only used to reach you about this, stored encrypted, never published. Without it your report is handled just the same.
resident-report-name = Name
resident-report-phone = Mobile number
resident-report-send = Send
resident-report-privacy = You will get a tracking code to follow what is done.
resident-sending = Photos are being sent…
resident-call-first = If anybody is hurt or in danger, call 110, 119 or 120 first, then report here.
resident-photos-hint = Up to 5. Place, time and device are removed from the photos.
resident-photo-again = Send again
resident-photo-keep = Keep this photo

resident-place-here = Use my position
resident-place-found = Your position is known
resident-place-waiting = Finding your position…
resident-place-denied = Not permitted to see your position: choose the village below
resident-place-failed = Your position was not found: choose the village below
resident-place-clear = Do not use it
resident-place-or = or choose the village
resident-place-village = Township and village
resident-place-township = Choose the township
resident-place-whole = { $place } (village not known)
resident-place-change = Another place
resident-place-unknown = The place of this code was not found. Choose the place below.

resident-receipt-title = Your report has arrived
resident-receipt-lead = Keep the tracking code: with it you follow, add and rate.
resident-receipt-qr = QR code of the tracking link
resident-receipt-keep = Take a screenshot, or scan it with another phone.
resident-copy = Copy the link
resident-copied = Copied
resident-again = Report another thing here
resident-code = Tracking code

resident-track-hint = 13 letters and digits, shown after you reported. Case, spaces and dashes do not matter.
resident-track-send = Follow
resident-track-wrong = There is no report under this code. Check it and try again; the letter O and the digit 0, the letter I and the digit 1 are the same.
resident-track-lost = If you have lost the code, open the home page on the phone that you reported with: “My latest reports”.

resident-stage-1 = Sent
resident-stage-2 = Accepted
resident-stage-3 = In progress
resident-stage-4 = Done
resident-stage-5 = Rated
resident-step-reported = Sent
resident-step-information = More information added
resident-step-accepted = Accepted
resident-step-refused = Not accepted
resident-step-dispatched = Assigned
resident-step-handling = Taken on, in progress
resident-step-handled = Handled, to be verified
resident-step-verified = Verified
resident-step-resolved = Done
resident-step-rated = Rated
resident-step-reopened = Not solved: taken up again
resident-step-asked = We ask you for more
resident-step-merged = Goes on together with another report of the same
resident-step-unmerged = Goes on by itself again
resident-step-transferred = Handed on to the place in charge
resident-step-withdrawn = You took it back
resident-step-lapsed = Ended: nothing was added in time
resident-step-answered = Answered
resident-step-settled = Settled on the spot
resident-step-archived = Closed and archived
resident-unit-department = department in charge
resident-unit-member = grid member
resident-due = To be done by
resident-refused = This was not accepted; the reason is below. If there is something new, report it again.
resident-earned = { $n ->
    [one] This report has earned { $n } point.
   *[other] This report has earned { $n } points.
}

resident-rate-title = How was it handled?
resident-rate-solved = Is it solved?
resident-rate-contacted = Did anybody get in touch with you?
resident-rate-comment = Anything else (optional)
resident-rate-send = Send the rating
resident-reopen-title = Not solved?
resident-reopen-text = What is still wrong?
resident-reopen-send = Ask to take it up again
resident-add-title = Add information
resident-add-text = What else is to be known
resident-add-send = Add
resident-not-mine = To add, rate or reopen, use the browser that the report was sent with.
resident-not-yours = This is not the browser that the report was sent with, or its data was cleared, so this cannot be sent. What you typed is below, to be copied.
resident-lost = What you typed

resident-points-unit = points
resident-points-rule = { $each } for each report found true, at most { $cap } a day
resident-points-why-rule = Report found true
resident-points-why-award = Awarded
resident-points-why-reversal = Taken back
resident-points-why-reopening = Taken back: opened again
resident-points-case = See the report
resident-points-balance = balance { $n }
resident-points-none = No points yet
resident-points-none-help = Points belong to the browser that the reports were sent with.
resident-points-how = How to earn points
resident-points-how-1 = Report something here; when it is found true and done, points come by themselves.
resident-points-how-2 = How you rate makes no difference.
resident-points-how-3 = If a report is opened again, its points are taken back and counted anew when it is done.

resident-qr-report = Report something here
resident-qr-unknown = This place was not found
resident-qr-unknown-help = The code may be out of use. You can still report: with your position, or by choosing the village.

resident-poster-title = Scan to report
resident-poster-sub = See something? Take a photo, and somebody sees to it
resident-poster-report = Report
resident-poster-points = Points
resident-poster-doors = Report · Follow · Points
resident-poster-foot = Scan with your phone’s camera; no sign-up. In an emergency call 110, 119 or 120.
resident-poster-help = The first page is an A4 poster, the second a sheet of door stickers.
resident-poster-print = Print
