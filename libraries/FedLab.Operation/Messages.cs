using System.Globalization;
using System.Resources;

namespace FedLab.Operation;

/// <summary>Sentences for people, in English and Chinese.</summary>
internal static class Messages
{
    private static readonly ResourceManager Resources = new("FedLab.Operation.Resources.Messages", typeof(Messages).Assembly);

    public static string SectionNotAnObject(string path, string section) => Text(nameof(SectionNotAnObject), path, section);

    public static string SettingMalformed(string setting) => Text(nameof(SettingMalformed), setting);

    public static string SettingWithoutPlace(string origin) => Text(nameof(SettingWithoutPlace), origin);

    public static string MustBeAddress(string value) => Text(nameof(MustBeAddress), value);

    public static string MustBeEndpoint(string value) => Text(nameof(MustBeEndpoint), value);

    public static string MustBeBetween(long value, long low, long high) => Text(nameof(MustBeBetween), value, low, high);

    public static string MustBeOneOf(string value, string allowed) => Text(nameof(MustBeOneOf), value, allowed);

    public static string CannotListen(string address, int port, string reason) => Text(nameof(CannotListen), address, port, reason);

    public static string MustNotBeEmpty => Text(nameof(MustNotBeEmpty));

    public static string MustHaveOnePassword => Text(nameof(MustHaveOnePassword));

    public static string VariableNotSet(string name) => Text(nameof(VariableNotSet), name);

    public static string NoSuchFile(string path) => Text(nameof(NoSuchFile), path);

    public static string NotAPasswordFile(string path, int bytes) => Text(nameof(NotAPasswordFile), path, bytes);

    public static string FieldInvalid(string path, string field, string problem) => Text(nameof(FieldInvalid), path, field, problem);

    public static string HealthUsage => Text(nameof(HealthUsage));

    public static string HealthNeedsPort => Text(nameof(HealthNeedsPort));

    public static string Ready => Text(nameof(Ready));

    public static string NotReady(string reasons) => Text(nameof(NotReady), reasons);

    public static string NoAnswer(string address, string reason) => Text(nameof(NoAnswer), address, reason);

    public static string NotWithin(double seconds) => Text(nameof(NotWithin), seconds);

    public static string NotOurs(string address) => Text(nameof(NotOurs), address);

    private static string Text(string name, params object[] arguments) =>
        string.Format(CultureInfo.InvariantCulture, Resources.GetString(name, CultureInfo.CurrentUICulture) ?? name, arguments);
}
