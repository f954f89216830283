using System.Globalization;
using System.Resources;

namespace FedLab.Kernel.Resources;

/// <summary>What a person reads in a notebook or a terminal, in the language of the current UI culture.</summary>
internal static class Texts
{
    private static readonly ResourceManager Manager = new("FedLab.Kernel.Resources.Messages", typeof(Texts).Assembly);

    public static string ConnectionUnreadable(object path, object reason) => Text(nameof(ConnectionUnreadable), path, reason);

    public static string ConnectionMalformed(object path, object reason) => Text(nameof(ConnectionMalformed), path, reason);

    public static string ConnectionField(object path, object field) => Text(nameof(ConnectionField), path, field);

    public static string TransportUnknown(object path, object transport) => Text(nameof(TransportUnknown), path, transport);

    public static string SignatureUnknown(object path, object scheme) => Text(nameof(SignatureUnknown), path, scheme);

    public static string KeyMissing(object path) => Text(nameof(KeyMissing), path);

    public static string PortTaken(object address, object reason) => Text(nameof(PortTaken), address, reason);

    public static string Interrupted => Text(nameof(Interrupted));

    public static string LeftBehind => Text(nameof(LeftBehind));

    public static string NoPackages => Text(nameof(NoPackages));

    public static string CompileError(object cell, object line, object column, object code, object message) => Text(nameof(CompileError), cell, line, column, code, message);

    public static string MoreErrors(object count) => Text(nameof(MoreErrors), count);

    public static string CausedBy(object cause) => Text(nameof(CausedBy), cause);

    public static string FrameIn(object cell, object line, object method) => Text(nameof(FrameIn), cell, line, method);

    public static string Frame(object cell, object line) => Text(nameof(Frame), cell, line);

    public static string CellTitle(object number) => Text(nameof(CellTitle), number);

    public static string NoCell => Text(nameof(NoCell));

    public static string NobodyToAsk => Text(nameof(NobodyToAsk));

    public static string NothingKnown(object name) => Text(nameof(NothingKnown), name);

    public static string Key => Text(nameof(Key));

    public static string Value => Text(nameof(Value));

    public static string MoreRows => Text(nameof(MoreRows));

    public static string MoreRowsCounted(object count) => Text(nameof(MoreRowsCounted), count);

    public static string Overloads(object count) => Text(nameof(Overloads), count);

    public static string Parameters => Text(nameof(Parameters));

    public static string Returns => Text(nameof(Returns));

    public static string Throws => Text(nameof(Throws));

    public static string Help => Text(nameof(Help));

    public static string OptionUnknown(object option) => Text(nameof(OptionUnknown), option);

    public static string OptionValue(object option) => Text(nameof(OptionValue), option);

    public static string OnePlace => Text(nameof(OnePlace));

    public static string CommandMissing => Text(nameof(CommandMissing));

    public static string NameInvalid(object name) => Text(nameof(NameInvalid), name);

    public static string NoEnvironment => Text(nameof(NoEnvironment));

    public static string Installed(object name, object folder) => Text(nameof(Installed), name, folder);

    public static string NotInstalled(object folder) => Text(nameof(NotInstalled), folder);

    public static string Foreign(object folder) => Text(nameof(Foreign), folder);

    public static string Uninstalled(object folder) => Text(nameof(Uninstalled), folder);

    public static string CannotWrite(object path, object reason) => Text(nameof(CannotWrite), path, reason);

    private static string Text(string name, params object[] values)
    {
        var text = Manager.GetString(name, CultureInfo.CurrentUICulture) ?? name;
        return values.Length == 0 ? text : string.Format(CultureInfo.InvariantCulture, text, values);
    }
}
