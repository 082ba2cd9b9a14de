"""A stand-alone server on loopback that speaks the protocols of fal, Runware and Kling.

Fields, enumerations, sizes, prices and errors are transcribed from the vendors' documents, apart from the
catalogue of `providers`. It keeps a bill per account, and goes wrong on request.
"""
