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

// Eleventy reads the content with its directory data, and of layouts and pages the front matter.
async function eleventy() {
  const { default: Eleventy } = await import("@11ty/eleventy");
  const found = [];
  const layouts = ["_includes", "../_includes", "includes"].find((name) => fs.existsSync(path.join(content, name)));
  const includes = path.join(content, layouts ?? "no-includes");
  for (const folder of fs.existsSync(includes) ? [content, includes] : [content])
    for (const name of fs.readdirSync(folder, { recursive: true })) {
      const file = path.join(folder, name);
      if (name.includes("node_modules") || !/\.(md|html|njk|liquid)$/.test(name)) continue;
      const [front] = /^---\w*[ \t]*\r?\n.*?\n---[ \t]*(?=\r?\n|$)/s.exec(fs.readFileSync(file, "utf8")) ?? [""];
      if (name.endsWith(".md") || /\b(includes|layouts)\//.test(file.replaceAll("_", ""))) fs.writeFileSync(file, front);
      else fs.rmSync(file);
    }
  fs.rmSync(path.join(content, "_data"), { recursive: true, force: true });
  process.chdir(site);
  const input = path.relative(site, content) || ".";
  const build = new Eleventy(input, path.join(site, "_bare"), {
    quietMode: true,
    configPath: null,
    config(config) {
      config.setTemplateFormats(["md", "html", "njk", "liquid"]);
      config.setUseGitIgnore(false);
      config.setIncludesDirectory(layouts ?? "no-includes");
      if (options.layouts) config.setLayoutsDirectory(options.layouts);
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
    },
  });
  await build.toJSON();
  return found.filter((page) => page.url);
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
      url: `https://site.example${metadata.permalink}${options.trailingSlash ? "/" : ""}`,
      html: "",
      date: new Date(metadata.date).toISOString(),
      title: metadata.title,
    }));
}
