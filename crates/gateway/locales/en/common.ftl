common-brand = Weft
common-brand-long = County governance
common-skip = Skip to the content
common-navigation = Navigation
common-other-language = 中文
common-elder-on = Large type
common-elder-off = Normal type
common-foot = This service is run by the county. Please report truthfully.
common-not-yet = This is where it will be.
common-choose = Choose
common-send = Send
common-cancel = Cancel
common-previous = Previous
common-next = Next
common-pages = Pages
common-steps = Steps
common-loading = Loading…
common-saved = Saved
common-to-home = To the first page
common-empty = Nothing here
common-empty-help = What comes in is shown here.
common-as-of = As of { $time }
common-stale = As of { $time }; it may have changed since.
common-too-many = Too many results: the first { $n } are shown. Narrow the search.
common-form-has-errors = Some of this needs mending: see the notes below.

common-live-on = Live
common-live-again = Reconnecting
common-live-since = As of

common-left-minutes = { $n ->
    [one] { $n } minute left
   *[other] { $n } minutes left
}
common-left-hours = { $n ->
    [one] { $n } hour left
   *[other] { $n } hours left
}
common-left-days = { $n ->
    [one] { $n } day left
   *[other] { $n } days left
}
common-over-minutes = { $n ->
    [one] { $n } minute overdue
   *[other] { $n } minutes overdue
}
common-over-hours = { $n ->
    [one] { $n } hour overdue
   *[other] { $n } hours overdue
}
common-over-days = { $n ->
    [one] { $n } day overdue
   *[other] { $n } days overdue
}

common-part-away = This part cannot be shown now
common-part-away-help = The service behind it is coming back. The rest of the page is fine; reload in a while.
common-part-error = This part failed
common-part-error-help = Reload the page. If it stays, tell the operator.

common-problem-refused = This cannot be done
common-problem-refused-help = Go back, mend what is named, and send again.
common-problem-signed-out = Sign in first
common-problem-signed-out-help = You are not signed in, or no longer. Sign in and try again.
common-problem-forbidden = Not permitted
common-problem-forbidden-help = This lies outside of what your role covers. Ask the office in charge.
common-problem-not-found = Not found
common-problem-not-found-help = The address may be wrong, or it is no longer there.
common-problem-conflict = It has changed meanwhile
common-problem-conflict-help = Somebody else has just dealt with it. Reload and try again.
common-problem-too-large = Too much
common-problem-too-large-help = Send less at once.
common-problem-too-many = Too often
common-problem-too-many-help = Wait a moment and try again.
common-problem-away = Not available now
common-problem-away-help = It is coming back; try again in a while. What was sent is not done twice.
common-problem-cross-site = Send it from a page of this site
common-problem-cross-site-help = This request came from another site and was not carried out.
common-problem-defect = Something went wrong
common-problem-defect-help = Tell the operator when it happened, and the code below.

common-sign-in = Sign in
common-sign-out = Sign out
common-sign-in-title = Staff sign-in
common-sign-in-lead = No account yet, or a password forgotten? Ask the security administrator for a link, which can be used once.
common-sign-in-token = Or paste a token
common-sign-in-token-hint = The operator makes one with: weft token issue.
common-sign-in-bad-token = This token is not valid or has ended: get a new one
common-sign-in-resident = To report something or to follow it you need not sign in.
common-sign-in-resident-link = To the residents' page
common-sign-in-link-title = Confirm the sign-in
common-sign-in-link-lead = Press the button to use this link. It works once; use it on your own device.
common-sign-in-link-use = Sign in with the link
common-again-title = Sign in again
common-again-lead = Your session has ended. Nothing that you typed is lost: sign in in a new window, then come back here and send.
common-again-sign-in = 1. Sign in in a new window
common-again-send = 2. Send again

common-photos = Photos
common-photo-take = Take a photo
common-photo-choose = Choose photos
common-photo-remove = Remove the photo
common-photo-failed = The photo was not sent; try again

common-satisfaction = Satisfaction
common-satisfaction-1 = Very dissatisfied
common-satisfaction-2 = Dissatisfied
common-satisfaction-3 = Fairly satisfied
common-satisfaction-4 = Satisfied
common-satisfaction-5 = Very satisfied

role-resident = Resident
role-grid_member = Grid member
role-department_clerk = Department clerk
role-verifier = Verifier
role-operator = Operator
role-supervisor = Supervisor
role-administrator = Administrator
role-security_administrator = Security administrator
role-audit_administrator = Audit administrator
role-integrator = Integrator

common-sample-title = Components
common-sample-lead = What all pages are made of, in every state.
common-sample-skin-console = Console
common-sample-skin-work = Work
common-sample-skin-resident = Resident
common-sample-skin-screen = Screen
common-sample-buttons = Buttons
common-sample-accept = Accept
common-sample-second = Transfer
common-sample-quiet = More
common-sample-refuse = Refuse
common-sample-disabled = Disabled
common-sample-small = Small
common-sample-link = A link
common-sample-badges = Status and deadline
common-sample-status-new = To accept
common-sample-status-open = In progress
common-sample-status-done = Done
common-sample-status-near = At risk
common-sample-status-late = Overdue
common-sample-kpis = Figures
common-sample-open = Open cases
common-sample-near = At risk
common-sample-overdue = Overdue
common-sample-on-time = Done in time
common-sample-more = +12 on yesterday
common-sample-form = Form
common-sample-field = Name
common-sample-field-wrong = Phone
common-sample-hint = Optional; only used to call you back.
common-sample-error = write a mobile number of 11 digits
common-sample-select = Category
common-sample-choices = What it is about
common-sample-option-a = Flooded road
common-sample-option-b = Broken street light
common-sample-option-c = Dumped waste
common-sample-text = What happened
common-sample-text-long = On the spot, clearing the drain; done this afternoon.
common-sample-check = You may call me
common-sample-table = Cases
common-sample-case = The road into the village is flooded
common-sample-col-case = Case
common-sample-col-place = Place
common-sample-col-status = Status
common-sample-col-left = Time left
common-sample-col-at = Reported
common-sample-progress = Progress
common-sample-receipt = Receipt
common-sample-receipt-title = Your report has arrived
common-sample-states = The states of a list
common-sample-map = Map of the grids
