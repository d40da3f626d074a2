"""The service: StartPersonTracking and GetPersonTracking on this account's own functions.

It speaks the protocol of the retired Amazon Rekognition operations. A Function URL receives the calls, a
state machine runs one execution per job, and a private bucket holds the jobs, their artifacts and their
results.
"""
