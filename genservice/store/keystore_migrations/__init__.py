"""Migrations of the keystore's database; see `genservice.store.migrations`."""
