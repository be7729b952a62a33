import { deploysSuite } from './deploys.suite.ts'

deploysSuite('SQLite', () => undefined)
