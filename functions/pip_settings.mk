# Drops the settings of pip and uv in the user's environment, except those that say how packages are fetched.
# PIP_USER, PIP_TARGET or UV_CONSTRAINT, for example, would change what is installed, or where.

fetch-settings := \
	PIP_CACHE_DIR PIP_CERT PIP_CLIENT_CERT PIP_CONFIG_FILE PIP_DEFAULT_TIMEOUT PIP_EXTRA_INDEX_URL PIP_FIND_LINKS \
	PIP_INDEX_URL PIP_KEYRING_PROVIDER PIP_NO_INDEX PIP_PROXY PIP_RETRIES PIP_TIMEOUT PIP_TRUSTED_HOST \
	UV_CACHE_DIR UV_CONFIG_FILE UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL UV_FIND_LINKS UV_HTTP_% UV_INDEX UV_INDEX_% \
	UV_INSECURE_HOST UV_KEYRING_PROVIDER UV_NATIVE_TLS UV_NO_INDEX UV_OFFLINE UV_SYSTEM_CERTS

$(foreach name,$(filter-out $(fetch-settings),$(filter PIP_% UV_%,$(.VARIABLES))),$(eval unexport $(name)))
# This overrides pip.conf, too. The builds choose their folders themselves.
export PIP_REQUIRE_VIRTUALENV := 0
# This file overrides the user's pip.conf. A file that the user has named in PIP_CONFIG_FILE is used as it is.
export PIP_CONFIG_FILE ?= $(abspath $(dir $(lastword $(MAKEFILE_LIST)))pip.conf)
