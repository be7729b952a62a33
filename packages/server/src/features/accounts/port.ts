// What the command line may do with accounts, beside or without the running server.
import type { Role, TokenScope } from '@tidewatch/api/accounts.ts'

/** A one-time sign-in link: the token goes behind `/sign-in#token=`. */
export interface SignInToken {
  readonly token: string
  readonly expiresAtMs: number
}

export interface ListedToken {
  readonly id: string
  readonly kind: 'token' | 'ingest key'
  readonly name: string
  readonly scopes: readonly TokenScope[]
  readonly owner: string | undefined
  readonly prefix: string
  readonly createdAtMs: number
  readonly expiresAtMs: number | undefined
  readonly lastUsedAtMs: number | undefined
}

export interface ListedUser {
  readonly name: string
  readonly role: Role
  readonly disabled: boolean
  readonly createdAtMs: number
  readonly lastSignInAtMs: number | undefined
}

/** The changes are in the audit log under the name `command line`. All throw `state.not_found` for who or what is not there. */
export interface AccountsCommands {
  listUsers(): Promise<readonly ListedUser[]>
  /** Throws `state.conflict` for a name that is taken, `http.invalid` for one that cannot be. */
  createUser(name: string, role: Role): Promise<SignInToken>
  /** Ends all sessions of the user and takes the password away, then makes a new link: the way out of a forgotten password. */
  newLink(name: string): Promise<SignInToken>
  setDisabled(name: string, disabled: boolean): Promise<void>
  listTokens(): Promise<readonly ListedToken[]>
  /** The secret is told once. */
  createToken(
    name: string,
    scopes: readonly TokenScope[],
    expiresAtMs: number | undefined,
  ): Promise<{ readonly id: string; readonly secret: string }>
  createIngestKey(name: string): Promise<{ readonly id: string; readonly secret: string }>
  /** A token or an ingest key, by its id or its prefix. */
  revoke(idOrPrefix: string): Promise<void>
}
