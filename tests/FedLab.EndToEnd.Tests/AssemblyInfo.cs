using System.Runtime.Versioning;

// Signals, file rights and /proc are looked at as Linux has them.
[assembly: SupportedOSPlatform("linux")]
