using System.Globalization;
using System.Text.Json.Nodes;
using FedLab.Kernel.Messages;
using FedLab.Kernel.Session;

namespace FedLab.Kernel.Serving;

/// <summary>Answers what is asked about cells instead of running them.</summary>
internal sealed class Answers(Task<CSharpSession> session, Task<HistoryStore> history, NotebookLanguage language)
{
    private const int HistoryTail = 1000;

    /// <summary>Answers a request.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The content of the answer; null for what is no request of the protocol.</returns>
    public async Task<JsonObject?> AnswerAsync(JupyterMessage request)
    {
        CultureInfo.CurrentUICulture = language.Culture;
        var content = request.Content;
        var code = content.Text("code");
        return request.Type switch
        {
            "kernel_info_request" => Information(),
            "is_complete_request" => IsComplete(code),
            "complete_request" => Complete(await session.ConfigureAwait(false), code, content.Number("cursor_pos", null) ?? CodePoints.FromIndex(code, code.Length)),
            "inspect_request" => Inspect(await session.ConfigureAwait(false), code, content.Number("cursor_pos", null) ?? CodePoints.FromIndex(code, code.Length), content.Number("detail_level", 0) > 0),
            "history_request" => History(await history.ConfigureAwait(false), content),
            "comm_info_request" => new() { ["status"] = "ok", ["comms"] = new JsonObject() },
            _ => null,
        };
    }

    private static JsonObject Information() => new()
    {
        ["status"] = "ok",
        ["protocol_version"] = JupyterMessage.ProtocolVersion,
        ["implementation"] = "fedlab-csharp",
        ["implementation_version"] = typeof(Answers).Assembly.GetName().Version!.ToString(3),
        // As .NET Interactive writes it into notebooks, so that a file opens under either kernel without a change.
        ["language_info"] = new JsonObject
        {
            ["name"] = "C#",
            ["version"] = "14.0",
            ["mimetype"] = "text/x-csharp",
            ["file_extension"] = ".cs",
            ["pygments_lexer"] = "csharp",
            ["codemirror_mode"] = "text/x-csharp",
        },
        ["banner"] = $".NET {Environment.Version} (C#), FedLab",
        ["help_links"] = new JsonArray(new JsonObject { ["text"] = "C#", ["url"] = "https://learn.microsoft.com/dotnet/csharp/" }),
        ["debugger"] = false,
    };

    private static JsonObject IsComplete(string code)
    {
        var (state, indent) = Completeness.Of(code);
        var reply = new JsonObject { ["status"] = state };
        if (state == Completeness.Incomplete) reply["indent"] = indent;
        return reply;
    }

    private static JsonObject Complete(CSharpSession csharp, string code, int cursor)
    {
        var index = CodePoints.ToIndex(code, cursor);
        var (start, proposals) = Completion.Complete(csharp, code, index);
        var from = CodePoints.FromIndex(code, start);
        var to = CodePoints.FromIndex(code, index);
        return new()
        {
            ["status"] = "ok",
            ["matches"] = new JsonArray([.. proposals.Select(proposal => (JsonNode)proposal.Text)]),
            ["cursor_start"] = from,
            ["cursor_end"] = to,
            ["metadata"] = new JsonObject
            {
                // What JupyterLab reads for the icons of its list.
                ["_jupyter_types_experimental"] = new JsonArray(
                    [.. proposals.Select(proposal => (JsonNode)new JsonObject { ["start"] = from, ["end"] = to, ["text"] = proposal.Text, ["type"] = proposal.Kind })]),
            },
        };
    }

    private static JsonObject Inspect(CSharpSession csharp, string code, int cursor, bool detailed)
    {
        var found = Inspection.Inspect(csharp, code, CodePoints.ToIndex(code, cursor), detailed);
        return new() { ["status"] = "ok", ["found"] = found is not null, ["data"] = found is null ? [] : CellOutput.Data(found), ["metadata"] = new JsonObject() };
    }

    private static JsonObject History(HistoryStore store, JsonObject content)
    {
        IReadOnlyList<HistoryEntry> entries = content.Text("hist_access_type") switch
        {
            "range" => store.Range(content.Number("session", 0).Value, content.Number("start", 1).Value, content.Number("stop", null)),
            "search" => store.Search(content.Text("pattern", "*"), content.Number("n", null), content.Flag("unique", otherwise: false)),
            _ => store.Tail(content.Number("n", HistoryTail).Value),
        };
        var output = content.Flag("output", otherwise: false);
        return new()
        {
            ["status"] = "ok",
            ["history"] = new JsonArray([.. entries.Select(entry => (JsonNode)new JsonArray(entry.Session, entry.Line, output ? new JsonArray(entry.Code, entry.Output) : entry.Code))]),
        };
    }
}
