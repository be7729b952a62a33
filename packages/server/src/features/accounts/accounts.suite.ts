// What accounts must do, whichever database they are in: run on SQLite beside this file, on Postgres in tests/counterparts.
import { describe } from 'vitest'
import { type Start, startOn } from './accounts-for-test.ts'
import { signInSuite } from './sign-in.suite.ts'
import { tokensSuite } from './tokens.suite.ts'
import { usersSuite } from './users.suite.ts'

/** `fresh` gives an empty Postgres each time it is called; undefined for SQLite. */
export function accountsSuite(name: string, fresh: () => string | undefined): void {
  const start: Start = (options) => startOn(fresh(), options)

  describe(`accounts on ${name}`, () => {
    signInSuite(start)
    usersSuite(start)
    tokensSuite(start)
  })
}
