using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FedLab.Kernel.Resources;
using FedLab.Notebook.Display;

namespace FedLab.Kernel.Display;

/// <summary>
/// The functions that every cell can call without a directive. Their names are those of .NET Interactive, so that a notebook runs under either kernel.
/// </summary>
[SuppressMessage("Naming", "CA1707", Justification = "The names that notebooks already use.")]
public static partial class NotebookFunctions
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Shows a value below the cell, as its last expression would be shown.</summary>
    /// <param name="value">The value.</param>
    /// <returns>What was shown, to put something else in its place later.</returns>
    /// <exception cref="InvalidOperationException">No cell is running.</exception>
    public static DisplayedValue display(object? value)
    {
        var host = Host();
        var name = Guid.NewGuid().ToString("N");
        host.Display(ValueFormatter.Format(value), name);
        return new DisplayedValue(host, name);
    }

    /// <summary>Shows a value under a name of one's own.</summary>
    /// <param name="value">The value.</param>
    /// <param name="displayId">The name by which <see cref="update_display"/> finds it, also from a later cell.</param>
    /// <returns>What was shown.</returns>
    /// <exception cref="InvalidOperationException">No cell is running.</exception>
    public static DisplayedValue display(object? value, string displayId)
    {
        ArgumentException.ThrowIfNullOrEmpty(displayId);
        var host = Host();
        host.Display(ValueFormatter.Format(value), displayId);
        return new DisplayedValue(host, displayId);
    }

    /// <summary>Puts another value in the place of one that was shown.</summary>
    /// <param name="value">The value.</param>
    /// <param name="displayId">The name that it was shown under.</param>
    /// <exception cref="InvalidOperationException">No cell is running.</exception>
    public static void update_display(object? value, string displayId)
    {
        ArgumentException.ThrowIfNullOrEmpty(displayId);
        Host().Update(ValueFormatter.Format(value), displayId);
    }

    /// <summary>Removes what the cell has shown so far.</summary>
    /// <param name="wait">Whether the removal waits for the next output, which avoids flicker.</param>
    /// <exception cref="InvalidOperationException">No cell is running.</exception>
    public static void clear_output(bool wait = false)
    {
        if (Host() is IOutputClearing host) host.Clear(wait);
    }

    /// <summary>Text that is HTML, not to be escaped.</summary>
    /// <param name="html">The HTML.</param>
    public static MimeBundle HTML(string html)
    {
        ArgumentNullException.ThrowIfNull(html);
        return new() { { MimeBundle.Html, html }, { MimeBundle.Text, WebUtility.HtmlDecode(TagPattern().Replace(html, " ")).Trim() } };
    }

    /// <summary>A picture.</summary>
    /// <param name="svg">The SVG element.</param>
    public static MimeBundle SVG(string svg)
    {
        ArgumentNullException.ThrowIfNull(svg);
        return new() { { MimeBundle.Svg, svg }, { MimeBundle.Text, "<svg>" } };
    }

    /// <summary>Text with marks for headings, lists and the like.</summary>
    /// <param name="text">The Markdown.</param>
    public static MimeBundle Markdown(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new() { { "text/markdown", text }, { MimeBundle.Text, text } };
    }

    /// <summary>A value as JSON, shown as a tree where the notebook can.</summary>
    /// <param name="value">A text that is JSON, or any value, whose public properties are written.</param>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static MimeBundle JSON(object? value)
    {
        var node = value is string text ? JsonNode.Parse(text) : JsonSerializer.SerializeToNode(value);
        var json = node?.ToJsonString(Indented) ?? "null";
        return new() { { MimeBundle.Json, json }, { MimeBundle.Text, json } };
    }

    /// <summary>Asks the person at the notebook for a line.</summary>
    /// <param name="prompt">The question.</param>
    /// <returns>The line.</returns>
    /// <exception cref="InvalidOperationException">Nobody can be asked: the notebook runs by itself.</exception>
    public static string GetInput(string prompt = "") => Host().AskAsync(prompt, password: false, NotebookHost.Interrupted).GetAwaiter().GetResult();

    /// <summary>Asks for something that stays hidden while it is typed.</summary>
    /// <param name="prompt">The question.</param>
    /// <returns>What was typed.</returns>
    /// <exception cref="InvalidOperationException">Nobody can be asked: the notebook runs by itself.</exception>
    public static string GetPassword(string prompt = "") => Host().AskAsync(prompt, password: true, NotebookHost.Interrupted).GetAwaiter().GetResult();

    private static INotebookHost Host() => NotebookHost.Current ?? throw new InvalidOperationException(Texts.NoCell);

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex TagPattern();
}
