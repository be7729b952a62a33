// The samples' arena in pages, and blocks of equal size inside pages. Main thread only.
import { AppError } from '@tidewatch/core/error.ts'
import { pageUnits } from './memory.ts'

/** Hands out pages by number; page 0 is never given, so that address 0 can mean none. */
export class PagePool {
  readonly total: number
  #used = 0
  #fresh = 1
  readonly #free: number[] = []

  constructor(pages: number) {
    this.total = pages - 1
  }

  get used(): number {
    return this.#used
  }
  get available(): number {
    return this.total - this.#used
  }

  allocate(): number {
    const page = this.#free.pop() ?? (this.#fresh <= this.total ? this.#fresh++ : undefined)
    if (page === undefined) throw new AppError('internal.bug', 'the head took a page without making room first')
    this.#used++
    return page
  }

  release(page: number): void {
    this.#used--
    this.#free.push(page)
  }
}

/** Blocks of one size, cut from pages; a page whose blocks are all free goes back. Addresses are in units of 8 bytes. */
export class BlockPool {
  readonly #pool: PagePool
  readonly #units: number
  readonly #perPage: number
  readonly #pages = new Map<number, BlockPage>()
  /** Pages that may have a free block. */
  readonly #open: BlockPage[] = []

  constructor(pool: PagePool, units: number) {
    this.#pool = pool
    this.#units = units
    this.#perPage = Math.floor(pageUnits / units)
  }

  allocate(): number {
    let page = this.#open.at(-1)
    while (page !== undefined && (page.gone || page.used === this.#perPage)) {
      page.listed = false
      this.#open.pop()
      page = this.#open.at(-1)
    }
    if (page === undefined) {
      page = { number: this.#pool.allocate(), used: 0, fresh: 0, free: [], listed: true, gone: false }
      this.#pages.set(page.number, page)
      this.#open.push(page)
    }
    page.used++
    return page.free.pop() ?? page.number * pageUnits + page.fresh++ * this.#units
  }

  release(address: number): void {
    const page = this.#pages.get(Math.floor(address / pageUnits))
    if (page === undefined) throw new AppError('internal.bug', 'the head gave back a block it does not have')
    page.used--
    page.free.push(address)
    if (page.used === 0 && this.#pages.size > 1) {
      page.gone = true
      this.#pages.delete(page.number)
      this.#pool.release(page.number)
    } else if (!page.listed) {
      page.listed = true
      this.#open.push(page)
    }
  }
}

interface BlockPage {
  readonly number: number
  used: number
  /** How many blocks were ever cut. */
  fresh: number
  readonly free: number[]
  /** Whether it stands in the list of pages to look at. */
  listed: boolean
  gone: boolean
}
