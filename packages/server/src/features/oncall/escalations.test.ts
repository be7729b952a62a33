import { escalationsSuite } from './escalations.suite.ts'

escalationsSuite('SQLite', () => undefined)
