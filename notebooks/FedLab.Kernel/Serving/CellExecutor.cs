using System.Globalization;
using System.Text.Json.Nodes;
using FedLab.Kernel.Display;
using FedLab.Kernel.Messages;
using FedLab.Kernel.Resources;
using FedLab.Kernel.Session;
using FedLab.Notebook.Display;

namespace FedLab.Kernel.Serving;

/// <summary>Runs the cells of a notebook, one at a time, each on a thread of its own.</summary>
internal sealed class CellExecutor(
    Task<CSharpSession> session,
    Task<HistoryStore> history,
    Action<JupyterMessage?, string, JsonObject> publish,
    IQuestions questions,
    NotebookLanguage language,
    TimeProvider time)
{
    private readonly Lock _lock = new();
    private CellInterruption? _running;
    private int _count;

    /// <summary>Interrupts the cell that runs, if one does.</summary>
    public void Interrupt()
    {
        lock (_lock) _running?.Interrupt();
    }

    /// <summary>Runs a cell.</summary>
    /// <param name="request">The <c>execute_request</c>.</param>
    /// <returns>The content of the answer, and whether the cells that wait behind it are to be given up.</returns>
    public async Task<(JsonObject Reply, bool Stop)> ExecuteAsync(JupyterMessage request)
    {
        var code = request.Content.Text("code");
        var silent = request.Content.Flag("silent", otherwise: false);
        var remembered = !silent && request.Content.Flag("store_history", otherwise: true);
        var number = remembered ? ++_count : _count + 1;
        var output = new CellOutput(request, silent, publish, questions, language, time);
        output.Publish("execute_input", new() { ["code"] = code, ["execution_count"] = number });
        var cell = new Cell(number, code, silent, request.Content["user_expressions"] as JsonObject);
        var result = await RunAsync(cell, output).ConfigureAwait(false);
        output.Complete();
        if (result.Failure is not null) output.Publish("error", Error(result.Failure));
        if (remembered) await (await history.ConfigureAwait(false)).AddAsync(number, code, result.Text, CancellationToken.None).ConfigureAwait(false);
        if (result.Failure is { } failure)
        {
            var reply = Error(failure);
            reply["status"] = "error";
            reply["execution_count"] = number;
            return (reply, request.Content.Flag("stop_on_error", otherwise: true));
        }
        return (new()
        {
            ["status"] = "ok",
            ["execution_count"] = number,
            ["payload"] = result.Payload,
            ["user_expressions"] = result.Expressions,
        }, false);
    }

    private async Task<CellResult> RunAsync(Cell cell, CellOutput output)
    {
        using var interruption = new CellInterruption();
        lock (_lock) _running = interruption;
        var result = new CellResult();
        try
        {
            // An interrupt that comes before the compiler is ready counts.
            var csharp = await session.ConfigureAwait(false);
            var name = string.Create(CultureInfo.InvariantCulture, $"Cell {cell.Number}");
            await CellThread.RunAsync(name, () => Run(csharp, cell, output, interruption, result)).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock) _running = null;
        }
        return result;
    }

    private void Run(CSharpSession csharp, Cell cell, CellOutput output, CellInterruption interruption, CellResult result)
    {
        CultureInfo.CurrentUICulture = language.Culture;
        output.Enter();
        NotebookHost.Enter(output, interruption.Asked);
        if (CellSource.Question(cell.Code) is { } name)
        {
            var page = Inspection.Inspect(csharp, name, name.Length, detailed: true);
            result.Payload.Add(Page(page ?? new() { { MimeBundle.Text, Texts.NothingKnown(name) } }));
            return;
        }
        if (!string.IsNullOrWhiteSpace(cell.Code)) result.Failure = csharp.Run(cell.Number, cell.Code, interruption, value => Show(cell, output, result, value));
        if (result.Failure is not null || cell.Expressions is null) return;
        foreach (var (key, node) in cell.Expressions)
        {
            JsonObject? answer = null;
            var expression = node is JsonValue text && text.TryGetValue<string>(out var written) ? written : "";
            var failure = csharp.Evaluate(expression, interruption, value => answer = new() { ["status"] = "ok", ["data"] = CellOutput.Data(ValueFormatter.Format(value)), ["metadata"] = new JsonObject() });
            if (failure is not null || answer is null)
            {
                answer = Error(failure ?? FailureReport.Interrupted());
                answer["status"] = "error";
            }
            result.Expressions[key] = answer;
        }
    }

    private static void Show(Cell cell, CellOutput output, CellResult result, object? value)
    {
        if (value is null || cell.Silent) return;
        var bundle = ValueFormatter.Format(value);
        if (bundle.TryGet(MimeBundle.Text, out var text)) result.Text = text;
        output.Publish("execute_result", new() { ["execution_count"] = cell.Number, ["data"] = CellOutput.Data(bundle), ["metadata"] = new JsonObject() });
    }

    private static JsonObject Page(MimeBundle bundle) => new() { ["source"] = "page", ["data"] = CellOutput.Data(bundle), ["start"] = 0 };

    /// <summary>A failure as messages carry it.</summary>
    /// <param name="failure">The failure.</param>
    public static JsonObject Error(FailureReport failure) => new()
    {
        ["ename"] = failure.Name,
        ["evalue"] = failure.Message,
        ["traceback"] = new JsonArray([.. failure.Lines.Select(line => (JsonNode)line)]),
    };

    private sealed record Cell(int Number, string Code, bool Silent, JsonObject? Expressions);

    private sealed class CellResult
    {
        public FailureReport? Failure { get; set; }

        public string? Text { get; set; }

        public JsonArray Payload { get; } = [];

        public JsonObject Expressions { get; } = [];
    }
}
