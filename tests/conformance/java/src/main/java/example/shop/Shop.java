package example.shop;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/** Has no banners, and so fails for real: in an inner class, below a lambda, a proxy and a reflective call. */
public final class Shop {
  interface Page {
    void show(String city);
  }

  interface Other {
    void nothing();
  }

  static final class Connection implements AutoCloseable {
    List<String> banners(String city) {
      return new ArrayList<>();
    }

    @Override
    public void close() throws IOException {
      throw new IOException("connection reset");
    }
  }

  final class Renderer {
    String pickBanner(Connection connection, String city) {
      return connection.banners(city).get(0);
    }

    String render(String city) throws IOException {
      try (Connection connection = new Connection()) {
        try {
          return pickBanner(connection, city);
        } catch (IndexOutOfBoundsException failure) {
          throw new IllegalStateException("no banner for " + city, failure);
        }
      }
    }
  }

  public void show(String city) {
    if (city.isEmpty()) return;
    List.of(city).forEach(
        one -> {
          try {
            new Renderer().render(one);
          } catch (IOException failure) {
            throw new RuntimeException(failure);
          }
        });
  }

  /** The failure; of `warm` calls before it the run-time makes its own accessors and proxies, numbered as they come. */
  public static Throwable fail(int warm) {
    Shop shop = new Shop();
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          Method target = Shop.class.getMethod("show", String.class);
          try {
            return target.invoke(shop, arguments);
          } catch (java.lang.reflect.InvocationTargetException failure) {
            throw failure.getCause();
          }
        };
    ClassLoader loader = Shop.class.getClassLoader();
    if (warm > 0) Proxy.newProxyInstance(loader, new Class<?>[] {Other.class}, handler);
    Page page = (Page) Proxy.newProxyInstance(loader, new Class<?>[] {Page.class}, handler);
    for (int i = 0; i < warm; ++i) page.show("");
    try {
      page.show("Paris");
    } catch (IllegalStateException failure) {
      return failure;
    }
    throw new AssertionError("the shop has a banner");
  }
}
