import { logNamesSuite } from './names.suite.ts'

logNamesSuite('SQLite', () => undefined)
