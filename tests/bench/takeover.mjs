// What Eleventy, and the blog plugin of Docusaurus, say of address, date and title: for takeover.py.
//
// node takeover.mjs ASKED.json, which names the generator, the folders of the site and of its content,
// the options of the site, and the file to write: a line of JSON for each page.

import fs from "node:fs";
import path from "node:path";

const asked = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const { site, content, options } = asked;
const pages = asked.generator === "eleventy" ? await eleventy() : await docusaurus();
fs.writeFileSync(asked.to, pages.map((page) => JSON.stringify(page)).join("\n"));

// Eleventy reads the content with its directory data, but without bodies and layouts.
async function eleventy() {
  const { default: Eleventy } = await import("@11ty/eleventy");
  const found = [];
  for (const name of fs.readdirSync(content, { recursive: true })) {
    const file = path.join(content, name);
    if (name.includes("node_modules")) continue;
    if (/\.(11tydata\.\w+|json)$/.test(name)) without(file, /["']?layout["']?\s*:\s*["'`].*?["'`],?/g);
    if (!name.endsWith(".md")) continue;
    const [front] = /^---\w*\r?\n.*?\n---(?=\r?\n|$)/s.exec(fs.readFileSync(file, "utf8")) ?? [""];
    fs.writeFileSync(file, front.replace(/^layout:.*$/m, ""));
  }
  fs.rmSync(path.join(content, "_data"), { recursive: true, force: true });
  process.chdir(site);
  const build = new Eleventy(content, path.join(site, "_bare"), {
    quietMode: true,
    configPath: null,
    config(config) {
      config.setTemplateFormats(["md"]);
      config.setUseGitIgnore(false);
      config.addGlobalData("layout", null);
      config.addCollection("feedpub", (all) => {
        for (const one of all.getAll().filter((one) => !one.data.draft))
          found.push({
            path: path.relative(content, path.resolve(one.inputPath)),
            url: one.url || "",
            html: "",
            date: one.date.toISOString(),
            title: String(one.data.title ?? ""),
          });
        return [];
      });
      return { dir: { input: path.relative(site, content) || ".", data: "no-data", includes: "no-includes" } };
    },
  });
  await build.toJSON();
  return found.filter((page) => page.url);
}

function without(file, what) {
  if (fs.statSync(file).isFile()) fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace(what, ""));
}

// The plugin that makes the posts of Docusaurus is called as Docusaurus does.
async function docusaurus() {
  const { generateBlogPosts } = await import("@docusaurus/plugin-content-blog/lib/blogUtils.js");
  const { validateOptions } = await import("@docusaurus/plugin-content-blog/lib/options.js");
  const { DEFAULT_PARSE_FRONT_MATTER, DEFAULT_VCS_CONFIG, getVcsPreset } = await import("@docusaurus/utils");
  const { validate: _, ...given } = { include: ["**/*.{md,mdx}"], ...options.blog };
  const blog = validateOptions({ validate: (schema, value) => schema.validate(value).value, options: given });
  const baseUrl = options.baseUrl ?? "/";
  const context = {
    siteDir: site,
    baseUrl,
    i18n: { currentLocale: "en", defaultLocale: "en" },
    localizationDir: path.join(site, "i18n", "en"),
    siteConfig: {
      baseUrl,
      url: "https://site.example",
      markdown: { parseFrontMatter },
      future: { experimental_vcs: DEFAULT_VCS_CONFIG ?? getVcsPreset?.("disabled") },
    },
  };
  async function parseFrontMatter(given) {
    const { frontMatter, ...rest } = await DEFAULT_PARSE_FRONT_MATTER(given);
    const { authors, author, tags, image, ...kept } = frontMatter; // they may be elsewhere
    return { frontMatter: kept, ...rest };
  }
  const contentPaths = { contentPath: content, contentPathLocalized: path.join(site, "no-folder") };
  const posts = await generateBlogPosts(contentPaths, context, { ...blog, showReadingTime: false, showLastUpdateTime: false, onInlineTags: "ignore", onInlineAuthors: "ignore", tags: false }, null, {});
  return posts
    .filter(({ metadata }) => !metadata.unlisted)
    .map(({ metadata }) => ({
      path: path.relative(content, metadata.source.replace("@site", site)),
      url: `https://site.example${metadata.permalink}`,
      html: "",
      date: new Date(metadata.date).toISOString(),
      title: metadata.title,
    }));
}
