using System.Globalization;
using System.Resources;

namespace FedLab.Postgres;

/// <summary>The sentences that a person reads, in the language of the current UI culture.</summary>
internal static class Messages
{
    private static readonly ResourceManager Resources = new("FedLab.Postgres.Resources.Messages", typeof(Messages).Assembly);

    public static string DatabaseUnreachable(string source, string reason) => Format(nameof(DatabaseUnreachable), source, reason);

    public static string NoAnswer(long seconds) => Format(nameof(NoAnswer), seconds);

    public static string DatabaseTls(string source, string reason) => Format(nameof(DatabaseTls), source, reason);

    public static string DatabaseMissing(string source, string database) => Format(nameof(DatabaseMissing), source, database);

    public static string PasswordWrong(string source, string user) => Format(nameof(PasswordWrong), source, user);

    public static string PasswordNeeded(string source, string user) => Format(nameof(PasswordNeeded), source, user);

    public static string LoginRefused(string source, string reason) => Format(nameof(LoginRefused), source, reason);

    private static string Format(string name, params object[] arguments) =>
        string.Format(CultureInfo.InvariantCulture, Resources.GetString(name, CultureInfo.CurrentUICulture) ?? throw new MissingManifestResourceException(name), arguments);
}
