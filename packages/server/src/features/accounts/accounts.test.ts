import { accountsSuite } from './accounts.suite.ts'

accountsSuite('SQLite', () => undefined)
