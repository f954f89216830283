namespace FedLab.Notebook.Plots.Charts;

/// <summary>
/// Colours of all plots. No colour has a contrast of 4.5 against white and against near black at once (the most that can be had is 4.35), so a
/// plot brings its own light panel and reads the same in every theme. Series differ by colour and by dashes and markers, bars by stripes; the colours are those
/// of Okabe and Ito (Color Universal Design, 2008), darkened until each has a contrast of 4.5 on the panel.
/// </summary>
internal static class Palette
{
    public const string Panel = "#fbfbf9";
    public const string PanelEdge = "#d4d4cf";
    public const string Text = "#24292f";
    public const string QuietText = "#57606a";
    public const string Grid = "#e4e4df";
    public const string Axis = "#656d76";

    private static readonly SeriesStyle[] Styles =
    [
        new("#0067a5", "", Marker.Circle, ""),
        new("#b84a00", "7 4", Marker.Square, "0.9 5.1"),
        new("#00704d", "2 3", Marker.Triangle, "0.9 2.6"),
        new("#96457a", "10 3 2 3", Marker.Diamond, "0.9 9.1"),
        new("#7d5800", "4 2", Marker.Circle, "3 3"),
        new("#3d4550", "1 2", Marker.Square, "0.9 2.1 0.9 6.1"),
    ];

    /// <summary>How many series can be told apart.</summary>
    public static int Count => Styles.Length;

    /// <summary>How a series is drawn.</summary>
    /// <param name="index">Its place.</param>
    public static SeriesStyle Of(int index) => Styles[index % Styles.Length];
}

/// <summary>What marks points of a series.</summary>
internal enum Marker
{
    Circle,
    Square,
    Triangle,
    Diamond,
}

/// <summary>How a series is drawn.</summary>
/// <param name="Colour">Of line and markers.</param>
/// <param name="Dashes">Lengths of dashes and gaps; empty for a full line.</param>
/// <param name="Marker">Shape of its markers.</param>
/// <param name="Stripes">Widths of the light stripes on its bars and of the spaces between them; empty for none.</param>
internal readonly record struct SeriesStyle(string Colour, string Dashes, Marker Marker, string Stripes = "");
