// What the page itself says; what explanations say comes from the server, in the language that is asked for.

export const WORDS = {
  en: {
    title: "gridsample explorer",
    explorer: "explorer",
    open: "Open picture…",
    theme: "Theme",
    "theme of the system": "system",
    light: "light",
    dark: "dark",
    options: "Options of grid_sample",
    kernel: "Kernel",
    boundary: "Boundary",
    "fill value": "Fill value",
    coordinates: "Coordinates",
    normalized: "normalized, −1…1",
    pixel: "pixel",
    channel: "Channel",
    picture: "The picture in its surroundings",
    "how to drag":
      "Around the picture: what the boundary makes of it. Drag the round point to sample elsewhere, 1 to 4 to warp. With the " +
      "keyboard: Tab to one of them, arrow keys move it, with Shift ten steps.",
    "in pixels": "in pixels: {x}, {y}",
    around: "Pixels around the point, and their weights",
    "how to read":
      "Frames and labels: blue adds, red subtracts, broken frames read nothing. Pale cells lie outside the picture. Numbers at the " +
      "edges: index, and weight along that axis. Drag here for fine steps.",
    warped: "The picture under the mesh",
    whole: "Whole picture",
    turned: "Turn by 15°",
    flipped: "Flip",
    width: "Width",
    height: "Height",
    "how to warp": "Corners 1 to 4 read where the mesh's corners lie. Click here to see how that pixel comes about.",
    sum: "The sum",
    result: "Result",
    formula: "The sum with its numbers",
    how: "How it comes about",
    steps: "Steps on each axis",
    taps: "Taps",
    code: "The same in Python",
    "code of the point": "The point",
    "code of the mesh": "The mesh",
    "what the code needs": "With import numpy as np, import gridsample as gs, and image of shape {shape}, float32.",
    copy: "Copy",
    copied: "Copied",
    "point at": "Point, x {x}, y {y} in pixels",
    "corner at": "Corner {number} of the mesh, x {x}, y {y} in pixels",
    "cells at": "{title}. {result}",
    "result of": "x {x}, y {y}: {result}",
    opened: "{name} is open: {width} by {height} pixels",
    size: "{name}, {width} × {height}",
    "cannot open": "Cannot open {name}: {error}",
    "too many bytes": "it has {count} bytes; the explorer takes {most}",
    gone: "The explorer does not answer; was it ended with Ctrl-C?",
  },
  zh: {
    title: "gridsample 交互演示",
    explorer: "交互演示",
    open: "打开图像…",
    theme: "主题",
    "theme of the system": "跟随系统",
    light: "浅色",
    dark: "深色",
    options: "grid_sample 的选项",
    kernel: "插值核",
    boundary: "填充模式",
    "fill value": "填充值",
    coordinates: "坐标",
    normalized: "归一化，−1…1",
    pixel: "像素",
    channel: "通道",
    picture: "图像及其四周",
    "how to drag":
      "图像四周是填充模式给出的内容。拖动圆点可在别处采样，拖动 1 至 4 可使图像变形。键盘：用 Tab 选中其一，方向键移动，按住 Shift 一次移动十步。",
    "in pixels": "像素位置：{x}, {y}",
    around: "采样点周围的像素及其权重",
    "how to read":
      "边框与标签：蓝色为正权重，红色为负权重，虚线框处无像素可读。浅色格在图像之外。边上的数字：索引，以及该轴上的权重。在此拖动可微调。",
    warped: "按网格采样得到的图像",
    whole: "整幅图像",
    turned: "旋转 15°",
    flipped: "翻转",
    width: "宽",
    height: "高",
    "how to warp": "图像的四角 1 至 4 从网格相应的角处读取。点击图像可查看该像素的由来。",
    sum: "加权求和",
    result: "结果",
    formula: "代入数值的求和式",
    how: "计算过程",
    steps: "各轴上的步骤",
    taps: "邻点",
    code: "等价的 Python 代码",
    "code of the point": "采样点",
    "code of the mesh": "网格",
    "what the code needs": "需先执行 import numpy as np 与 import gridsample as gs；image 的形状为 {shape}，类型为 float32。",
    copy: "复制",
    copied: "已复制",
    "point at": "采样点，像素位置 x {x}，y {y}",
    "corner at": "网格第 {number} 角，像素位置 x {x}，y {y}",
    "cells at": "{title}。{result}",
    "result of": "x {x}，y {y}：{result}",
    opened: "已打开 {name}：{width} × {height} 像素",
    size: "{name}，{width} × {height}",
    "cannot open": "无法打开 {name}：{error}",
    "too many bytes": "文件有 {count} 字节，上限为 {most} 字节",
    gone: "服务没有响应；是否已按 Ctrl-C 结束？",
  },
};

export function say(language, key, parts = {}) {
  return WORDS[language][key].replace(/\{(\w+)\}/g, (_, name) => parts[name]);
}

// Puts words where the page's elements ask for them.
export function speak(language, parts) {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  document.title = say(language, "title");
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = say(language, element.dataset.word, parts);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(language, element.dataset.label));
  }
}
