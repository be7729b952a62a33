import { acknowledgeSuite } from './acknowledge.suite.ts'

acknowledgeSuite('SQLite', () => undefined)
