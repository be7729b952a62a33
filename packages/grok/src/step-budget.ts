/** How many steps a line is halved to at worst: enough for honest lines of most expressions. */
const leastShare = 64

/**
 * What one expression may spend on a line. Each line that runs out halves it for the next one, each line that does not doubles it again: a sender
 * of such lines by the thousand costs a sixty-fourth of what the first cost.
 */
export class StepBudget {
  private readonly most: number
  private readonly least: number
  private now: number

  constructor(most: number) {
    this.most = Math.max(1, most)
    this.least = Math.max(1, Math.floor(this.most / leastShare))
    this.now = this.most
  }

  get steps(): number {
    return this.now
  }

  exhausted(): void {
    this.now = Math.max(this.least, Math.floor(this.now / 2))
  }

  kept(): void {
    if (this.now < this.most) this.now = Math.min(this.most, this.now * 2)
  }
}
