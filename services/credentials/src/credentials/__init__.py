"""The broker's users, their passwords and rights, and its certificates: made by itself, kept in volumes.

`users` says who there is, `plugin` what that means in the words of mosquitto's dynamic security plugin; both are pure.
`store` reads and writes the files, `control` tells a running broker, `authority` has openssl make certificates, and
`app` does one thing after the other.
"""
