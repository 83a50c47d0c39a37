// Uses the page at URL as a person would, in a real browser, and tells as JSON what that person then sees.
// Usage: node web/explain.check.mjs CHROMIUM URL TOKEN PROFILE RECORD [SCREENSHOT]
import { chromium } from "playwright-core";

const [executablePath, url, token, profile, record, screenshot] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1240, height: 1100 } });
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
  await page.goto(url);
  await page.getByLabel("Normalizer profile").fill(profile);
  await page.getByLabel("Token").fill(token);
  const listed = page.waitForResponse((answer) => answer.url().includes("/v1/profiles?"));
  await page.getByLabel("Record (JSON)").fill(record);
  await listed;
  await page.getByRole("button", { name: "Explain" }).click();
  await page.locator("#answer").waitFor();
  const seen = {
    verdict: await page.locator("#verdict").innerText(),
    reasons: await page.locator("#reasons li").allInnerTexts(),
    fields: Object.fromEntries(
      await page.locator("#fields tr").evaluateAll((rows) => rows.map((row) => [row.cells[0].innerText, [...row.cells].slice(1).map((cell) => cell.innerText)])),
    ),
    marked: await page.locator("#raw mark").allInnerTexts(),
    canonical: await page.locator("#canonical").innerText(),
    profiles: await page.locator("#profiles option").evaluateAll((options) => options.map((option) => option.value)),
    complaints,
  };
  if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
