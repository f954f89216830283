using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace FedLab.Kernel.Messages;

/// <summary>Makes the messages of one kernel: its session, its clock.</summary>
internal sealed class MessageFactory(TimeProvider time)
{
    private const string UserName = "kernel";

    private readonly string _session = Guid.NewGuid().ToString("N");

    /// <summary>The answer to a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="type">The answer's type.</param>
    /// <param name="content">What it says.</param>
    public JupyterMessage Reply(JupyterMessage request, string type, JsonObject content) =>
        new(request.Identities, Header(type), (JsonObject)request.Header.DeepClone(), [], content);

    /// <summary>An output.</summary>
    /// <param name="request">The request that it belongs to; null where none caused it.</param>
    /// <param name="type">The output's type.</param>
    /// <param name="content">What it says.</param>
    public JupyterMessage Output(JupyterMessage? request, string type, JsonObject content) =>
        new([Encoding.ASCII.GetBytes($"kernel.{_session}.{type}")], Header(type), request is null ? [] : (JsonObject)request.Header.DeepClone(), [], content);

    private JsonObject Header(string type) => new()
    {
        ["msg_id"] = Guid.NewGuid().ToString("N"),
        ["session"] = _session,
        ["username"] = UserName,
        ["date"] = time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        ["msg_type"] = type,
        ["version"] = JupyterMessage.ProtocolVersion,
    };
}
