using System.Globalization;
using System.Text;
using System.Xml.Linq;
using FedLab.Notebook.Display;
using FedLab.Notebook.Plots;
using FedLab.Notebook.Plots.Charts;

namespace FedLab.Notebook.Tests.Plots;

/// <summary>What holds for every picture. FEDLAB_GALLERY names a folder to keep them in, for looking at.</summary>
public sealed class PlotDrawingTests
{
    public static TheoryData<string, string> Pictures => new(PlotGallery.All.Keys.SelectMany(name => new[] { (name, "en"), (name, "zh-CN") }));

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Every_plot_stands_alone_says_what_it_is_and_fits_its_panel(string name, string language)
    {
        using var spoken = new Language(language);
        var svg = PlotGallery.All[name].ToSvg();
        Keep($"{name}.{language}.svg", svg);
        var root = XDocument.Parse(svg).Root!;
        Assert.Equal("img", root.Attribute("role")!.Value);
        Assert.All(["title", "desc"], part => Assert.NotEqual("", Elements(root, part).Single().Value));
        Assert.Equal(Elements(root, "title").Single().Value, root.Attribute("aria-label")!.Value);
        // Inlined in a page these would meet those of other pictures, or be taken out.
        Assert.DoesNotContain(root.DescendantsAndSelf(), element => element.Attribute("id") is not null || element.Name.LocalName is "script" or "style" or "foreignObject");
        Assert.DoesNotContain(root.DescendantsAndSelf().Attributes(), attribute => attribute.Name.LocalName is "href" || attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));

        var width = Number(root, "width");
        foreach (var text in Elements(root, "text").Where(text => text.Attribute("x") is not null))
        {
            var length = TextWidth.Of(text.Value, Number(text, "font-size"));
            var start = Number(text, "x") - (text.Attribute("text-anchor")!.Value switch { "middle" => length / 2, "end" => length, _ => 0 });
            Assert.True(start >= 2 && start + length <= width - 2, $"'{text.Value}' runs from {start} to {start + length}.");
            Assert.InRange(Number(text, "y"), 10, Number(root, "height") - 4);
        }

        Assert.Equal(language == "zh-CN", root.Elements().First().Value.Any(c => c >= 0x4E00));
    }

    [Fact]
    public void Every_colour_that_carries_meaning_has_the_contrast_that_WCAG_asks_of_text()
    {
        string[] decoration = [Palette.Panel, Palette.PanelEdge, Palette.Grid];
        var used = PlotGallery.All.Values.SelectMany(plot => XDocument.Parse(plot.ToSvg()).Descendants())
            .SelectMany(element => new[] { element.Attribute("fill")?.Value, element.Attribute("stroke")?.Value })
            .Where(colour => colour is not null and not "none").Distinct().Except(decoration).ToArray();
        Assert.True(used.Length >= 8, string.Join(' ', used));
        Assert.All(used, colour => Assert.True(Contrast(colour!, Palette.Panel) >= 4.5, $"{colour} has {Contrast(colour!, Palette.Panel):0.00}."));
        Assert.All(Enumerable.Range(0, Palette.Count), i => Assert.Equal(i, Enumerable.Range(0, Palette.Count).First(j => (Palette.Of(j).Dashes, Palette.Of(j).Marker) == (Palette.Of(i).Dashes, Palette.Of(i).Marker))));
        Assert.Equal(Palette.Count, Enumerable.Range(0, Palette.Count).Select(i => Palette.Of(i).Stripes).Distinct().Count());
    }

    [Fact]
    public void The_same_data_are_the_same_bytes_and_the_file_holds_them()
    {
        var plot = PlotGallery.All["roc"];
        var folder = Directory.CreateTempSubdirectory("fedlab-plot");
        try
        {
            var path = Path.Combine(folder.FullName, "roc.svg");
            plot.SaveSvg(path);
            Assert.Equal(plot.ToSvg(), File.ReadAllText(path));
            Assert.Equal(plot.ToSvg(), Plot.RocCurve(new ScoredRows("joint model", PlotGallery.Joint.Scores, PlotGallery.Joint.Labels), PlotGallery.Own).ToSvg());
            Assert.True(plot.ToMimeBundle().TryGet(MimeBundle.Svg, out var shown) && shown == plot.ToSvg());
            Assert.True(plot.ToMimeBundle().TryGet(MimeBundle.Html, out var image));
            var element = XElement.Parse(image.Replace(">", "/>", StringComparison.Ordinal));
            Assert.Equal(plot.ToSvg(), Encoding.UTF8.GetString(Convert.FromBase64String(element.Attribute("src")!.Value["data:image/svg+xml;base64,".Length..])));
            Assert.Equal(plot.Summary, element.Attribute("alt")!.Value);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("en", "Starting", "Training")]
    [InlineData("zh-CN", "启动", "训练")]
    public void Phases_have_the_names_that_they_have_in_tables(string language, string start, string training)
    {
        using var spoken = new Language(language);
        var svg = Plot.BytesByPhase([("start", 3L), ("training", 5L), ("scan.request", 7L)]).ToSvg();
        foreach (var name in (string[])[start, training, "scan.request"]) Assert.Contains(name, svg, StringComparison.Ordinal);
        Assert.DoesNotContain("start<", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_text_whatever_it_holds()
    {
        const string Hostile = "</text><script>alert(1)</script>&\"'\0\u001b\ud800 x";
        var svg = Plot.RocCurve(new ScoredRows(Hostile, PlotGallery.Own.Scores, PlotGallery.Own.Labels)).ToSvg()
            + Plot.FeatureImportance([(Hostile, 1.0), ("b", 2)]).ToSvg() + Plot.BytesByPhase([(Hostile, 1L)]).ToSvg();
        var parsed = XDocument.Parse("<all>" + svg + "</all>");
        Assert.DoesNotContain(parsed.Descendants(), element => element.Name.LocalName == "script");
        Assert.Contains("<script>", parsed.Root!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_without_any_spread_are_drawn_too()
    {
        ScoredRows[] flat = [new("", [0, 0], [0, 1]), new("", [1, 1], [0, 1]), new("", [0.5, 0.5, 0.5], [0, 1, 1]), new("", [0, 1], [1, 0]), new("", [1e-300, 1e-320], [1, 0])];
        Plot[] plots =
        [
            .. flat.SelectMany(rows => new[] { Plot.RocCurve(rows), Plot.KolmogorovSmirnov(rows), Plot.KolmogorovSmirnov(rows, rows), Plot.Gains(rows), Plot.Lift(rows), Plot.Calibration(rows), Plot.ScoreDistribution(rows) }),
            Plot.LossByRound([0.5]), Plot.LossByRound([double.NaN, 0.5, double.PositiveInfinity]), Plot.LossByRound([0.5, 0.5, 0.5]), Plot.LossByRound([0, 0]), Plot.LossByRound([1e-300, 1e300]),
            Plot.BytesByPhase([("a", 0L)]), Plot.BytesByPhase([("", long.MaxValue / 2)]), Plot.FeatureImportance([("a", 1e-300)]), Plot.FeatureImportance([("a", 1.0), ("b", 0.0)], most: 1),
        ];
        Assert.All(plots, plot =>
        {
            var root = XDocument.Parse(plot.ToSvg()).Root!;
            Assert.DoesNotContain("NaN", root.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("∞", root.ToString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_million_rows_are_a_small_picture()
    {
        var rows = PlotGallery.Scored("all", 1_000_000, seed: 3, strength: 1);
        Plot[] plots = [Plot.RocCurve(rows, rows), Plot.KolmogorovSmirnov(rows), Plot.KolmogorovSmirnov(rows, rows), Plot.Gains(rows, rows), Plot.Lift(rows, rows), Plot.Calibration(rows), Plot.ScoreDistribution(rows)];
        Assert.All(plots, plot => Assert.True(Encoding.UTF8.GetByteCount(plot.ToSvg()) < 50_000, plot.Summary));
    }

    [Fact]
    public void A_thinned_line_is_nowhere_half_a_unit_from_the_whole_one()
    {
        var random = new FedLab.Learning.Tests.DeterministicRandom(7);
        var y = 150.0;
        var points = Enumerable.Range(0, 20_000).Select(i => (X: i / 40.0, Y: y += random.NextDouble() - 0.5)).ToArray();
        var thinned = Thinning.Thin(points);
        Assert.True(thinned.Count < 2_500, $"{thinned.Count}");
        Assert.Equal(points[0], thinned[0]);
        Assert.Equal(points[^1], thinned[^1]);
        Assert.Subset(points.ToHashSet(), thinned.ToHashSet());
        foreach (var (x, height) in points)
        {
            var near = thinned.Zip(thinned.Skip(1)).Where(part => part.First.X <= x + 0.51 && part.Second.X >= x - 0.51).SelectMany(part => new[] { part.First.Y, part.Second.Y }).ToArray();
            Assert.InRange(height, near.Min() - 0.5, near.Max() + 0.5);
        }
    }

    [Theory]
    [InlineData(0, 1, 0, 1)]
    [InlineData(0, 0.137, 0, 0.15)]
    [InlineData(0.31, 0.47, 0.3, 0.5)]
    [InlineData(-3, 17, -5, 20)]
    [InlineData(0, 0, 0, 1)]
    [InlineData(1e-9, 3e-9, 1e-9, 3e-9)]
    public void Ticks_are_round_numbers_that_cover_the_values(double low, double high, double first, double last)
    {
        var ticks = Ticks.Cover(low, high);
        Assert.Equal((first, last), (ticks[0], ticks[^1]), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-12 && Math.Abs(a.Item2 - b.Item2) < 1e-12);
        Assert.InRange(ticks.Length, 3, 12);
        var written = ticks.Select(tick => Ticks.Write(tick, Ticks.Decimals(ticks))).ToArray();
        Assert.Equal(written.Length, written.Distinct().Count());
    }

    private static void Keep(string file, string content)
    {
        if (Environment.GetEnvironmentVariable("FEDLAB_GALLERY") is not { Length: > 0 } folder) return;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, file), content);
    }

    private static IEnumerable<XElement> Elements(XElement root, string name) => root.Descendants().Where(element => element.Name.LocalName == name);

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    /// <summary>WCAG 2.2, definitions of contrast ratio and relative luminance.</summary>
    private static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);

        static double Luminance(string colour)
        {
            var channels = Convert.FromHexString(colour[1..]).Select(value => value / 255.0).Select(value => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4)).ToArray();
            return (0.2126 * channels[0]) + (0.7152 * channels[1]) + (0.0722 * channels[2]);
        }
    }
}
