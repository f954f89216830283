using System.Globalization;
using System.Resources;

namespace FedLab.Containers;

/// <summary>What a person reads, in English and Chinese.</summary>
internal static class Messages
{
    private static readonly ResourceManager Resources = new("FedLab.Containers.Resources.Messages", typeof(Messages).Assembly);

    public static string SocketInvalid(string text) => Text(nameof(SocketInvalid), text);

    public static string EngineAbsent(string socket) => Text(nameof(EngineAbsent), socket);

    public static string EngineNotAllowed(string socket) => Text(nameof(EngineNotAllowed), socket);

    public static string EngineTooSlow(string socket, int seconds) => Text(nameof(EngineTooSlow), socket, seconds);

    public static string EngineTooOld(string socket, string offered, string needed) => Text(nameof(EngineTooOld), socket, offered, needed);

    public static string NotAnEngine(string socket) => Text(nameof(NotAnEngine), socket);

    public static string AnswerMalformed(string socket, string request) => Text(nameof(AnswerMalformed), socket, request);

    public static string AnswerTooLarge(string socket, string request, long limit) => Text(nameof(AnswerTooLarge), socket, request, limit);

    public static string ConnectionBroken(string socket, string reason) => Text(nameof(ConnectionBroken), socket, reason);

    public static string EngineRefused(string reason) => Text(nameof(EngineRefused), reason);

    private static string Text(string name, params object[] arguments)
    {
        var format = Resources.GetString(name, CultureInfo.CurrentUICulture) ?? name;
        return arguments.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, arguments);
    }
}
