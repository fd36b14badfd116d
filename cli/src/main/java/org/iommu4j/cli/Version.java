package org.iommu4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of the program and the kernel releases that it mirrors. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("cli.properties")) {
      if (in != null) {
        properties.load(in);
      }
    }
    String version = properties.getProperty("version", "of unknown version");
    return new String[] {"iommu4j " + version + ", mirrors Linux " + Kernels.names()};
  }
}
