using System.Globalization;
using System.Text;
using System.Text.Json;
using Caravan.Engines.Labels;
using Caravan.Engines.Tests.Labels;
using Caravan.Tests.Fulfilment;
using Microsoft.Playwright;

namespace Caravan.Tests.Browser;

/// <summary>
/// Barcodes as they come out of a printer, read by somebody else's scanner: a PDF is drawn by Chromium's own viewer, ZPL dot by dot as its
/// fields say, and zxing-wasm, from web/node_modules, reads the pictures. Nothing is asked of the network.
/// </summary>
[Trait("Store", "once")]
public sealed class LabelScanTests
{
    private const string Site = "http://labels.test";
    private static readonly string Scanner = Path.Combine(Repository.Root, "web", "node_modules", "zxing-wasm", "dist");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Every_barcode_of_a_packed_lists_labels_is_read_by_a_scanner()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await LabelTests.SetAsync(world.Chain, "7610425", extensionDigit: 3);
        var list = await LabelTests.TwoBagsAsync(world, "WEB-10023");
        await FulfilmentWorld.ActAsync(world.Chain, list, "pack");
        var pdf = await LabelTests.FileAsync(world.Chain, $"{FulfilmentWorld.PathOf(list)}/labels.pdf", "application/pdf");
        await using var window = await OpenAsync(world);

        string[][] expected = [["00376104250000000017", "400WEB-10023"], ["00376104250000000024", "400WEB-10023"]];
        Assert.Equal(expected.SelectMany(page => page).Order(StringComparer.Ordinal), await ScanPdfAsync(window, pdf, pages: 2, count: 4));
        foreach (var dpi in new[] { 203, 300 })
        {
            var zpl = Encoding.ASCII.GetString(await LabelTests.FileAsync(world.Chain, $"{FulfilmentWorld.PathOf(list)}/labels.zpl?dpi={dpi}", "application/x-zpl"));
            Assert.Equal(expected, await Task.WhenAll(PrintedLabel.OfZpl(zpl, dpi).Select(label => ScanDotsAsync(window, label, dpi))));
        }
    }

    [Fact]
    public async Task Every_character_of_both_sets_is_read_by_a_scanner()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await using var window = await OpenAsync(world);
        var pairs = string.Concat(Enumerable.Range(0, 100).Select(pair => pair.ToString("00", CultureInfo.InvariantCulture)));
        var letters = string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code).Where(one => !char.IsAsciiDigit(one)));
        string[] texts = [.. pairs.Chunk(40).Concat(letters.Chunk(20)).Select(some => new string(some)), "10A1\u001d3712\u001d400x1234567890"];
        List<LabelSheet> sheets = [.. texts.Chunk(5).Select(some => new LabelSheet(150, 200, [.. some.Select((text, index) => new LabelMark.Bars(0, 150, (index * 40) + 4, 32, Code128.Gs1(text)))]))];

        var fromPdf = await ScanPdfAsync(window, PdfLabels.Write(sheets), sheets.Count, texts.Length);
        var fromDots = await Task.WhenAll(PrintedLabel.OfZpl(ZplLabels.Write(sheets, 203), 203).Select(label => ScanDotsAsync(window, label, 203)));

        Assert.Equal(texts.Order(StringComparer.Ordinal), fromPdf);
        Assert.Equal(texts.Order(StringComparer.Ordinal), fromDots.SelectMany(some => some).Order(StringComparer.Ordinal));
    }

    private static async Task<Chromium> OpenAsync(FulfilmentWorld world)
    {
        if (!Directory.Exists(Scanner))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"There is no {Scanner}: npm ci in web/, to scan labels.");
            Assert.Fail($"CI=true and there is no {Scanner}.");
        }

        var window = await Chromium.OpenAsync(world.Caravan, "labels", 800, 600);
        await window.Page.RouteAsync("**/*", async route =>
        {
            var path = new Uri(route.Request.Url).AbsolutePath;
            await (path switch
            {
                "/" => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html", Body = """<!doctype html><meta charset="utf-8"><body><script src="/zxing.js"></script>""" }),
                "/zxing.js" => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/javascript", Path = Path.Combine(Scanner, "iife", "reader", "index.js") }),
                "/zxing_reader.wasm" => route.FulfillAsync(new RouteFulfillOptions { ContentType = "application/wasm", Path = Path.Combine(Scanner, "reader", "zxing_reader.wasm") }),
                _ => route.AbortAsync(),
            });
        });
        await window.Page.GotoAsync($"{Site}/");
        await window.Page.EvaluateAsync("ZXingWASM.prepareZXingModule({ overrides: { locateFile: (name) => `/${name}` } })");
        return window;
    }

    /// <summary>What a scanner reads on the pages of a PDF, one below the other, in alphabetical order. The viewer draws when it is ready: it is looked at until so many barcodes are there.</summary>
    private static async Task<string[]> ScanPdfAsync(Chromium window, byte[] pdf, int pages, int count)
    {
        var viewer = await window.Page.Context.NewPageAsync();
        await viewer.SetViewportSizeAsync(1_260, pages * 1_800);
        await viewer.RouteAsync("**/*", route => new Uri(route.Request.Url) switch
        {
            { Scheme: not ("http" or "https") } => route.ContinueAsync(), // The viewer's own parts, which are in Chromium.
            { AbsolutePath: "/" } => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html", Body = $"""<!doctype html><body style="margin:0"><embed src="/labels.pdf#toolbar=0&view=FitH" type="application/pdf" width="1260" height="{pages * 1_800}">""" }),
            { AbsolutePath: "/labels.pdf" } => route.FulfillAsync(new RouteFulfillOptions { ContentType = "application/pdf", BodyBytes = pdf }),
            _ => route.AbortAsync(),
        });
        await viewer.GotoAsync($"{Site}/");
        string[] read = [];
        for (var until = DateTime.UtcNow + Patience; read.Length < count && DateTime.UtcNow < until;)
            read = await ScanAsync(window, await viewer.ScreenshotAsync());
        await viewer.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Root, "artifacts", "TestResults", "screens", $"labels-{count}-barcodes.png") });
        await viewer.CloseAsync();
        return read;
    }

    private static async Task<string[]> ScanAsync(Chromium window, byte[] png) => Sorted(await window.Page.EvaluateAsync<JsonElement>(
        """
        async (png) => {
          const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
          const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
          canvas.drawImage(picture, 0, 0);
          return (await ZXingWASM.readBarcodes(canvas.getImageData(0, 0, picture.width, picture.height), { formats: ["Code128"], textMode: "Plain", maxNumberOfSymbols: 50 })).map((one) => one.symbologyIdentifier + one.text);
        }
        """,
        Convert.ToBase64String(png)));

    // A dot of the printer is a pixel.
    private static async Task<string[]> ScanDotsAsync(Chromium window, PrintedLabel label, int dpi)
    {
        int Dots(double millimetres) => (int)Math.Round(millimetres * dpi / 25.4);
        var boxes = label.Boxes.Concat(label.Barcodes.SelectMany(code => code.Bars)).Select(box => new[] { Dots(box.X), Dots(box.Y), Dots(box.Width), Dots(box.Height) }).ToArray();
        return Sorted(await window.Page.EvaluateAsync<JsonElement>(
            """
            async ([width, height, boxes]) => {
              const canvas = new OffscreenCanvas(width, height).getContext("2d");
              canvas.fillStyle = "white";
              canvas.fillRect(0, 0, width, height);
              canvas.fillStyle = "black";
              for (const box of boxes) canvas.fillRect(...box);
              return (await ZXingWASM.readBarcodes(canvas.getImageData(0, 0, width, height), { formats: ["Code128"], textMode: "Plain", maxNumberOfSymbols: 50 })).map((one) => one.symbologyIdentifier + one.text);
            }
            """,
            new object[] { Dots(label.Width), Dots(label.Height), boxes }));
    }

    // ]C1 is what a scanner says in front of GS1-128, by which it is told from plain Code 128.
    private static string[] Sorted(JsonElement read) => [.. read.EnumerateArray().Select(one =>
    {
        Assert.StartsWith("]C1", one.GetString(), StringComparison.Ordinal);
        return one.GetString()![3..]; // Begins so: asserted just before.
    }).Order(StringComparer.Ordinal)];
}
