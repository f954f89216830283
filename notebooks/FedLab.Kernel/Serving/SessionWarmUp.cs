using FedLab.Kernel.Display;
using FedLab.Kernel.Session;

namespace FedLab.Kernel.Serving;

/// <summary>
/// Brings the compiler to life. What every cell needs is done before the first one runs; what only some need, table or lambda or completion,
/// follows in the background while the person types.
/// </summary>
internal static class SessionWarmUp
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(800);

    private static readonly string[] Cells =
    [
        "record Row(string Name, int Age); int Twice(int x) => 2 * x; var rows = new List<Row> { new(\"a\", 1), new(\"b\", 2) };",
        "await Task.Yield();\nif (rows.Count == 0) Console.WriteLine($\"{rows[0].Age:N2}\");\nrows.Where(row => Twice(row.Age) > 0).Select(row => new { row.Name, Twice = Twice(row.Age) }).OrderBy(row => row.Name)",
        "new Dictionary<string, double> { [\"a\"] = 1.5 }",
        "new[] { 1, 2, 3 }.Select(x => x * x).ToArray()",
        "int Fail(int x)\n{\n    return rows[x].Age;\n}\nFail(-1)",
        "missing + 1",
    ];

    /// <summary>Makes a notebook's session.</summary>
    /// <param name="folder">Where relative paths start.</param>
    /// <returns>The session, which knows nothing of what the warming-up did.</returns>
    public static CSharpSession Begin(string folder)
    {
        var options = CellImports.Options(folder);
        var trial = new CSharpSession(options);
        using var interruption = new CellInterruption();
        trial.Run(0, "1 + 1", interruption, static value => ValueFormatter.Format(value));
        _ = GoOnAsync(trial);
        return new CSharpSession(options);
    }

    private static async Task GoOnAsync(CSharpSession trial)
    {
        // The first cell comes first: the processor is its.
        await Task.Delay(Pause).ConfigureAwait(false);
        Completion.Complete(trial, "Console.WriteL", "Console.WriteL".Length);
        foreach (var cell in Cells)
        {
            using var interruption = new CellInterruption();
            trial.Run(0, cell, interruption, static value => CellOutput.Data(ValueFormatter.Format(value)));
        }
        foreach (var text in new[] { "rows.", "new Row(Na", "Math.Max(va" }) Completion.Complete(trial, text, text.Length);
        Inspection.Inspect(trial, "Console.WriteLine", 10, detailed: false);
    }
}
