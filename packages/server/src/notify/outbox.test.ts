import { outboxSuite } from './outbox.suite.ts'

outboxSuite('SQLite', () => undefined)
