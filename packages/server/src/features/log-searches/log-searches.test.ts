import { logSearchesSuite } from './log-searches.suite.ts'

logSearchesSuite('SQLite', () => undefined)
