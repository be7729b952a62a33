import { packsSuite } from './packs.suite.ts'

packsSuite('SQLite', () => undefined)
