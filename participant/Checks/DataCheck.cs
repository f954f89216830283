using System.Diagnostics;
using System.Globalization;
using FedLab.Data;
using FedLab.Federation.Remote;
using Spectre.Console;

namespace FedLab.Participant.Checks;

/// <summary>
/// <c>participant data check</c>: reads the data as a run would and says what is in them. It connects to nothing but the data's own
/// source, needs no keys and writes nothing.
/// </summary>
internal static class DataCheck
{
    /// <summary>Wide enough for the table where no terminal says how wide it is.</summary>
    private const int FileWidth = 120;

    /// <summary>Runs the command.</summary>
    /// <param name="arguments">The arguments behind <c>data check</c>.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="isTerminal">Whether a person sees it.</param>
    /// <returns>The exit code: 0, 1 if the data cannot be used, 2 for a wrong command line or configuration.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, bool isTerminal)
    {
        DataCheckArguments parsed;
        try
        {
            parsed = DataCheckArguments.Parse(arguments);
        }
        catch (ConfigurationException e)
        {
            return TerminalProgram.Complain(e.Message, TerminalProgram.Usage);
        }

        if (parsed.Help)
        {
            await output.WriteLineAsync(Messages.DataCheckUsage).ConfigureAwait(false);
            return TerminalProgram.Ok;
        }

        return await TerminalProgram.RunAsync(
            stopsWithInput: false,
            async stop =>
            {
                var source = parsed.ToSource();
                DataSet data;
                var started = Stopwatch.GetTimestamp();
                using var live = new ReadingLine(!parsed.Json && isTerminal && !Console.IsErrorRedirected ? Console.Error : TextWriter.Null);
                try
                {
                    data = await DataSetReader.ReadAsync(source, live, stop).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    return Messages.CheckStopped; // whoever asked for an answer did not get it, which is not a success
                }

                live.Dispose();
                var result = new DataCheckResult(source, data, Stopwatch.GetElapsedTime(started).TotalSeconds);
                if (parsed.Json) await output.WriteLineAsync(result.ToJson()).ConfigureAwait(false);
                else Show(result, output, isTerminal);
                return null;
            },
            e => e is DataFormatException).ConfigureAwait(false);
    }

    private static void Show(DataCheckResult result, TextWriter output, bool isTerminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        if (!isTerminal) console.Profile.Width = FileWidth;
        output.WriteLine(Messages.CheckSource(result.Source));
        output.WriteLine(Messages.CheckTime(result.Seconds, result.RowsRead / result.Seconds));
        output.WriteLine(Messages.CheckRows(result.RowsRead, result.RowsKept, result.Duplicates));
        output.WriteLine(Messages.CheckKeys(result.Keys.Present, result.KeyFormat == nameof(KeyFormat.Text) ? Messages.CheckKeyText : Messages.CheckKeyCode, result.Keys.Valid, result.Keys.WrongCheckCharacter, result.Keys.OtherText));
        if (result.Labels is { } labels) output.WriteLine(Messages.CheckLabels(labels.Ones, labels.Zeros));
        var table = new Table { Border = TableBorder.Ascii2 };
        foreach (var title in (string[])[Messages.CheckColumn, Messages.CheckType, Messages.CheckUse, Messages.CheckMissing, Messages.CheckCategories]) table.AddColumn(new TableColumn(new Text(title)));
        table.Columns[3].RightAligned();
        table.Columns[4].RightAligned();
        foreach (var column in result.Columns)
        {
            table.AddRow(
                new Text(column.Name),
                new Text(column.SourceType.Length > 0 ? column.SourceType : "-"),
                new Text(NameOf(column.Use)),
                new Text(column.Missing is { } share ? string.Create(CultureInfo.InvariantCulture, $"{100 * share:F2} %") : "-"),
                new Text(column.Categories?.ToString(CultureInfo.InvariantCulture) ?? "-"));
        }

        console.Write(table);
        foreach (var warning in result.Warnings) output.WriteLine(Messages.CheckWarning(warning));
        output.WriteLine(Messages.CheckDigest(result.ContentDigest));
    }

    /// <summary>One line that says how far the reading is, written over again and taken away at the end.</summary>
    private sealed class ReadingLine(TextWriter terminal) : IProgress<ReadingProgress>, IDisposable
    {
        private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

        private long _shown;
        private int _width;

        public void Report(ReadingProgress value)
        {
            if (_shown != 0 && Stopwatch.GetElapsedTime(_shown) < Interval) return;
            _shown = Stopwatch.GetTimestamp();
            var line = Messages.CheckReading(value.Rows);
            terminal.Write("\r" + line.PadRight(_width));
            _width = line.Length;
        }

        public void Dispose()
        {
            // A Chinese character takes two columns.
            if (_width > 0) terminal.Write("\r" + new string(' ', 2 * _width) + "\r");
            _width = 0;
        }
    }

    private static string NameOf(ColumnUse use) => use switch
    {
        ColumnUse.Key => Messages.UseKey,
        ColumnUse.Label => Messages.UseLabel,
        ColumnUse.Fold => Messages.UseFold,
        ColumnUse.Excluded => Messages.UseExcluded,
        ColumnUse.Number => Messages.UseNumber,
        ColumnUse.Category => Messages.UseCategory,
        ColumnUse.Boolean => Messages.UseBoolean,
        _ => Messages.UseDate,
    };
}
