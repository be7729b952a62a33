// A real browser for tests of the page: Debian's Chromium by Playwright, with a console that has to stay silent.
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { onTestFailed } from 'vitest'

const executablePath = process.env.TIDEWATCH_TEST_CHROMIUM ?? '/usr/bin/chromium'
const args = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface TestBrowser extends AsyncDisposable {
  /** A page in a context of its own. */
  newPage(options?: NewPageOptions): Promise<TestPage>
  close(): Promise<void>
}

export interface NewPageOptions extends BrowserContextOptions {
  /** Paths are relative to it: `page.goto('/metrics')`. */
  readonly baseURL?: string
  /** Console messages that a test expects, such as the browser's own line on a 401 that is provoked. */
  readonly expected?: readonly RegExp[]
}

export interface TestPage extends AsyncDisposable {
  readonly page: Page
  /** What the console showed and nobody expected, errors thrown in the page included. */
  readonly complaints: readonly string[]
  /** Throws with all complaints, where there are some. */
  assertSilent(): void
}

/** Start once for a file, dispose at its end. */
export async function launchBrowser(): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath, args })
  const close = () => browser.close()
  return { newPage: (options = {}) => newPage(browser, options), close, [Symbol.asyncDispose]: close }
}

async function newPage(browser: Browser, { expected = [], ...contextOptions }: NewPageOptions): Promise<TestPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    ...contextOptions,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const complaints: string[] = []
  const complain = (text: string) => {
    if (!expected.some((pattern) => pattern.test(text))) complaints.push(text)
  }
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complain(`${message.type()}: ${message.text()} (${message.location().url})`)
  })
  page.on('pageerror', (error) => complain(`thrown: ${error.message}`))
  const assertSilent = () => {
    if (complaints.length > 0) throw new Error(`The console was not silent:\n${complaints.join('\n')}`)
  }
  const shown = tellWhenFailed(page)
  return {
    page,
    complaints,
    assertSilent,
    async [Symbol.asyncDispose]() {
      await shown.keep()
      await context.close()
    },
  }
}

const toldCharacters = 1500

/** What the page showed last is told with the test's error: without it nobody knows why a text was not there in a run that is over. */
function tellWhenFailed(page: Page): { keep(): Promise<void> } {
  let shown = 'nothing that could be read'
  onTestFailed(({ task }) => {
    const [error] = task.result?.errors ?? []
    if (error !== undefined) error.message += `\n${shown}`
  })
  return {
    async keep() {
      const text = await page
        .locator('body')
        // biome-ignore lint/performance/useDomNodeTextContent: what can be seen is meant
        .innerText({ timeout: 2000 })
        .catch(() => 'no answer')
      shown = `The page was ${page.url()}: ${text.replaceAll(/\s*\n\s*/g, ' | ').slice(0, toldCharacters)}`
    },
  }
}

/** 390 px wide, touch, as a phone shows it. */
export const phone = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
} as const satisfies NewPageOptions
