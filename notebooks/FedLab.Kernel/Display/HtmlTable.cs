using System.Collections;
using System.Net;
using System.Reflection;
using System.Text;
using FedLab.Kernel.Resources;
using FedLab.Notebook.Display;

namespace FedLab.Kernel.Display;

/// <summary>Sequences of objects as tables: a row for each, a column for each public property; no more of either than a person reads.</summary>
internal static class HtmlTable
{
    private const int MaximumRows = 50;
    private const int MaximumColumns = 30;
    private const int MaximumCellCharacters = 200;

    /// <summary>The entries of a dictionary.</summary>
    /// <param name="dictionary">The dictionary.</param>
    public static MimeBundle OfEntries(IDictionary dictionary)
    {
        var rows = new List<object?[]>();
        foreach (DictionaryEntry entry in dictionary)
        {
            if (rows.Count == MaximumRows) break;
            rows.Add([entry.Key, entry.Value]);
        }
        return Bundle([Texts.Key, Texts.Value], rows, dictionary.Count - rows.Count);
    }

    /// <summary>A sequence of objects; null where its elements are better shown as text, as numbers are.</summary>
    /// <param name="sequence">The sequence; read only as far as it is shown.</param>
    public static MimeBundle? TryOfRows(IEnumerable sequence)
    {
        var elements = new List<object?>();
        var more = false;
        foreach (var element in sequence)
        {
            more = elements.Count == MaximumRows;
            if (more) break;
            elements.Add(element);
            if (elements.Count == 1 && !HasColumns(element)) return null;
        }
        if (elements.Count == 0) return null;
        var type = elements[0]!.GetType();
        var columns = Columns(type);
        var rows = elements.ConvertAll(element => element is not null && type.IsInstanceOfType(element) ? Array.ConvertAll(columns, column => column.Read(element)) : [element]);
        int? left = sequence is ICollection counted ? counted.Count - elements.Count : more ? null : 0;
        return Bundle(Array.ConvertAll(columns, column => column.Name), rows, left);
    }

    /// <summary>Whether a sequence that begins with a value is a table.</summary>
    /// <param name="element">The value.</param>
    public static bool HasColumns(object? element) => element is not null && Columns(element.GetType()).Length > 0;

    private static (string Name, Func<object, object?> Read)[] Columns(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || type == typeof(string) || type.Namespace == "System" && !IsTuple(type)) return [];
        if (typeof(IEnumerable).IsAssignableFrom(type) || typeof(IRichDisplay).IsAssignableFrom(type)) return [];
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanRead && property.GetMethod!.IsPublic && property.GetIndexParameters().Length == 0 && !property.PropertyType.IsByRefLike)
            .Select(property => (property.Name, (Func<object, object?>)(element => Read(() => property.GetValue(element)))));
        var fields = IsTuple(type)
            ? type.GetFields(BindingFlags.Public | BindingFlags.Instance).Select(field => (field.Name, (Func<object, object?>)(element => Read(() => field.GetValue(element)))))
            : [];
        return [.. properties.Concat(fields).Take(MaximumColumns)];
    }

    private static bool IsTuple(Type type) => type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal) || type.FullName.StartsWith("System.Tuple`", StringComparison.Ordinal);

    // A property that throws shows that in its place; the rest of the table is worth showing.
    private static object? Read(Func<object?> read)
    {
        try
        {
            return read();
        }
        catch (TargetInvocationException exception)
        {
            return exception.InnerException?.Message;
        }
    }

    private static MimeBundle Bundle(string[] columns, List<object?[]> rows, int? left)
    {
        var cells = rows.ConvertAll(row => Array.ConvertAll(row, Cell));
        var note = left switch
        {
            null => Texts.MoreRows,
            > 0 => Texts.MoreRowsCounted(left.Value),
            _ => null,
        };
        return new() { { MimeBundle.Html, Html(columns, rows, cells, note) }, { MimeBundle.Text, Plain(columns, cells, note) } };
    }

    private static string Cell(object? value)
    {
        var text = value is null ? "" : Text(value);
        return text.Length > MaximumCellCharacters ? string.Concat(text.AsSpan(0, MaximumCellCharacters), "…") : text;
    }

    // As with a property that throws: a query in a cell that throws when it is read.
    private static string Text(object value)
    {
        try
        {
            return ValueFormatter.Text(value);
        }
        catch (Exception exception) when (value is IEnumerable && exception is not (ThreadInterruptedException or OperationCanceledException))
        {
            return exception.Message;
        }
    }

    private static string Html(string[] columns, List<object?[]> rows, List<string[]> cells, string? note)
    {
        var html = new StringBuilder("<table><thead><tr>");
        foreach (var column in columns) html.Append("<th>").Append(WebUtility.HtmlEncode(column)).Append("</th>");
        html.Append("</tr></thead><tbody>");
        for (var row = 0; row < cells.Count; row++)
        {
            html.Append("<tr>");
            for (var column = 0; column < cells[row].Length; column++)
            {
                html.Append(rows[row][column] is IConvertible and not (string or bool or char) ? "<td style=\"text-align:right\">" : "<td style=\"text-align:left\">")
                    .Append(WebUtility.HtmlEncode(cells[row][column])).Append("</td>");
            }
            html.Append("</tr>");
        }
        html.Append("</tbody></table>");
        if (note is not null) html.Append("<p>").Append(WebUtility.HtmlEncode(note)).Append("</p>");
        return html.ToString();
    }

    private static string Plain(string[] columns, List<string[]> cells, string? note)
    {
        var widths = columns.Select((name, column) => cells.Select(row => column < row.Length ? row[column].Length : 0).Append(name.Length).Max()).ToArray();
        var text = new StringBuilder();
        foreach (var row in cells.Prepend(columns))
        {
            for (var column = 0; column < row.Length; column++) text.Append(row[column].ReplaceLineEndings(" ").PadRight(widths[column])).Append(column < row.Length - 1 ? "  " : "");
            text.Append('\n');
        }
        return note is null ? text.ToString().TrimEnd('\n') : text.Append(note).ToString();
    }
}
